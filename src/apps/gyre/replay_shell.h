#pragma once

// A shell in the place of a job that this process runs: by SSH on the loopback interface, which enters as a step does.
// Needs ssh and ssh-keygen of this machine. Used by one thread.

#include <filesystem>
#include <string>

#include "apps/gyre/installation.h"
#include "base/result.h"
#include "ports/ssh_store.h"

namespace gyre::apps {

class ReplayShell {
public:
    // A key that serves this job alone is kept below `directory` for as long as this object is.
    ReplayShell(Installation& installation, const std::string& directory, JobId job);
    ~ReplayShell();
    ReplayShell(const ReplayShell&) = delete;
    ReplayShell& operator=(const ReplayShell&) = delete;

    // Before the job ends. Errors: unavailable: a program is missing.
    Result<void> ask(SshKeep keep);
    // When the job waits for somebody to come in: runs the shell, and then lets the job end. Else nothing.
    Result<void> look();

private:
    Result<bool> job_waits();
    Result<void> run_ssh(const SshPlace& place) const;

    Installation& installation_;
    std::filesystem::path folder_;
    JobId job_;
    bool asked_ = false;
};

}  // namespace gyre::apps
