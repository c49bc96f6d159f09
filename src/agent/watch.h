#pragma once

// Waiting for what runs inside the job, and moving bytes to and from it, in ways that end early when the job must stop.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "agent/job.h"
#include "agent/step_output.h"

namespace gyre::agent {

enum class Interrupted { stopping, silent };
using WatchEnd = std::variant<ProcessEnd, Interrupted>;

// Waits for the end of process `id` while its output (if any) flows. `silence_limit` 0: none. When it was interrupted,
// the process has been killed. What it wrote before it ended has been taken from the pipe.
WatchEnd watch(Job& job, std::int64_t id, StepOutput* output, std::chrono::milliseconds silence_limit);

// Reads what is there, up to `size` bytes; 0 at the end. `fd` must be non-blocking. Both fail once the job must stop,
// also where neither side ever has to wait.
Result<std::size_t> read_from(Job& job, int fd, char* bytes, std::size_t size);
Result<void> write_to(Job& job, int fd, std::string_view bytes);

struct PipeEnds {
    Fd read;
    Fd write;
};
Result<PipeEnds> make_pipe();
void set_non_blocking(int fd);

// A run of our helper inside the job: `gyre-injob <arguments>`. Its standard error is kept for messages. The destructor
// kills it when it was not waited for.
class Tool {
public:
    static Result<Tool> start(Job& job, std::vector<std::string> arguments, Fd in, Fd out);
    Tool(Tool&&) noexcept = default;
    Tool& operator=(Tool&&) = delete;
    ~Tool();

    // The exit code; an error when it did not end by itself: `unavailable` when the box is gone or the job stops.
    Result<int> wait();
    // What it wrote to standard error; at most 16 kB, without the last newline.
    std::string complaints() const;

private:
    Tool(Job& job, std::int64_t id, Fd err) : job_(&job), id_(id), err_(std::move(err)) {}

    Job* job_;
    std::optional<std::int64_t> id_;
    Fd err_;
};

// Waits for the tool and turns any failure into an error that says what it complained about: not_found when nothing of
// what was asked for exists, conflict when the target of a checkout is occupied, too_large, denied where the
// job's user may not write, or invalid.
Result<void> succeed(Tool& tool, std::string_view what);
// That error, of a tool that was waited for and exited with `code`.
Error failure_of(const Tool& tool, int code, std::string_view what);

}  // namespace gyre::agent
