#pragma once

// The processes of a job's containers without an engine. All of them stand below one process, `unshare`, in a process
// namespace and a mount namespace of their own: when its first process ends, the kernel kills whatever is in it, the
// containers' own namespaces included, and no mount is left. That first process is a shell that reads commands from a
// socket of the agent's and ends with it, however the agent dies. Not thread-safe.
//
// <directory>/<container>/  one for each: config.json, upper/, work/ and image/ (mount points), rootfs/,
//   log      what its processes print: the first 16 MB, and as much again of what was put into it
//   pid      as the pod sees it, once it runs
//   ended    its exit code, once it has ended
//   entered  the exit code of the further process that was put into it, once that has ended
// <directory>/network       "1" once the job's network reaches further than itself

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "agent/executors/oci_tools.h"
#include "base/fd.h"
#include "base/result.h"

namespace gyre::agent {

class OciPod {
public:
    // In a directory that exists. Error: `unavailable`.
    static Result<OciPod> start(const std::string& directory, const OciTools& tools);
    OciPod(OciPod&& other) noexcept;
    OciPod& operator=(OciPod&&) = delete;
    ~OciPod() { end(); }

    // Runs container `name`, whose directory exists, over the files of `root`. Returns at once.
    void run(const std::string& name, const std::string& root);
    // Runs <name>/process.json in it beside what runs there.
    void enter(const std::string& name);
    // Connects the network of container `name` with the host's.
    void connect_network(const std::string& name);

    pid_t process() const { return process_; }
    bool has_ended() const;
    std::string log() const;  // what went wrong with the pod itself
    void end();               // kills all, and waits for a few seconds. Idempotent.

    // What the files say. Nothing: not yet.
    std::optional<int> exit_code(const std::string& name) const;
    std::optional<int> entered(const std::string& name) const;
    bool runs(const std::string& name) const;  // it has been started, and has not ended
    bool network_is_there() const;
    std::string last_lines(const std::string& name, int lines) const;

private:
    OciPod(std::string directory, pid_t process, Fd commands)
        : directory_(std::move(directory)), process_(process), commands_(std::move(commands)) {}
    void command(const std::string& line) const;

    std::string directory_;
    pid_t process_ = 0;  // until it is waited for
    Fd commands_;
};

// "2\n" -> 2; nothing for anything else.
std::optional<int> exit_code_in(const std::string& text);
// The last lines of a text, without the last newline.
std::string last_lines_of(const std::string& text, int lines);

}  // namespace gyre::agent
