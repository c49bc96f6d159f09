#pragma once

// The way of a step's output: pipe -> Redactor -> Spool. Belongs to one thread at a time: the one that runs the steps,
// or that of BackgroundOutputs once the step has ended and somebody still holds the pipe.

#include <chrono>
#include <memory>
#include <string_view>

#include "agent/redact.h"
#include "agent/spool.h"
#include "agent/supervisor.h"
#include "base/fd.h"
#include "base/result.h"

namespace gyre::agent {

class StepOutput {
public:
    StepOutput(std::shared_ptr<Spool> spool, std::shared_ptr<const SecretMatcher> matcher);

    // Makes a pipe that the process writes to, with both standard output and error; an earlier pipe is closed.
    Result<StandardFds> open_pipe();
    int pipe() const { return pipe_.get(); }  // for poll(); -1 when there is none

    enum class Read { bytes, nothing_now, ended };
    Read pump();      // reads once; lets bytes gather for a moment where they come in quick succession
    void pump_all();  // reads what is there now, and no more than a pipe holds
    bool has_ended() const { return !pipe_; }

    void say(std::string_view line);  // the agent's own words; a newline is added
    bool is_holding() const { return redactor_.is_holding(); }
    void idle();
    void finish();  // the spool takes no more

    std::chrono::steady_clock::time_point last_bytes_at() const { return last_bytes_at_; }
    Spool& spool() { return *spool_; }

private:
    void let_gather();
    void feed(std::string_view bytes);
    void take(std::string_view bytes);
    void flush();

    std::shared_ptr<Spool> spool_;
    Redactor redactor_;
    Redactor::Sink sink_;
    std::string taken_;  // from the redactor, for one write to the spool
    Fd pipe_;
    std::chrono::steady_clock::time_point last_bytes_at_;
    std::size_t last_read_ = 0;  // bytes
    int quick_reads_ = 0;        // small ones in a row
};

}  // namespace gyre::agent
