#pragma once

// SSH into one attempt, from the first word that somebody may come in to the end: opens a server as soon as there are
// guests and a job, says in the job's log how to get in, keeps the job's place for guests when its steps have ended,
// and tells the server who came and went. Not the job's end, nor any step, waits for guests but in wait(). Thread-safe
// except where said.

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "agent/background_outputs.h"
#include "agent/ssh/events.h"
#include "agent/ssh/server.h"
#include "agent/step_log.h"
#include "wire/ssh_access.h"

namespace gyre::agent {

class SshDoor {
public:
    // All references outlive the door. `host_key`: path of this machine's.
    SshDoor(StepLog& log, BackgroundOutputs& background, JobControl& control, GatewayClient gateway,
            std::string host_key);
    ~SshDoor();  // closes

    // What the server said last; nothing: nobody may come in.
    void hear(std::optional<wire::SshAccess> access);
    // The job stands: from here on guests can come in. By the attempt's thread, as the next ones; once.
    void let_into(WayIn way);
    // What steps are given from here on: guests who come in later have it as well. After let_into().
    void steps_have(Environment environment);
    // Whether the job's place is to be kept now that its steps have ended.
    bool is_wanted(bool failed);
    // Keeps it until it was long empty, until the longest time is over, or until the job stops or its box is gone.
    void wait(bool failed, int step_index);
    // Ends all sessions; nobody comes in any more. Before the job's supervisor goes.
    void close();
    void drain();  // what happened has been told

private:
    void run();
    void apply(const wire::SshAccess& access);
    void open(const wire::SshAccess& access);
    void announce(const wire::SshAccess& access, const std::string& trouble);
    std::string why_over(bool failed, std::chrono::steady_clock::time_point since);
    SshServer::Presence presence();
    wire::SshAccess access();

    StepLog& log_;
    BackgroundOutputs& background_;
    JobControl& control_;
    SshEventLog events_;
    std::string host_key_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::optional<wire::SshAccess> access_;
    std::optional<WayIn> way_;
    bool news_ = false;
    bool closing_ = false;
    bool tried_ = false;                 // to open the server; it is tried once, by the thread
    bool refused_ = false;               // it could not be opened
    std::unique_ptr<SshServer> server_;  // made and removed under the lock
    std::thread thread_;
};

// What the log says when the door opens, without its last newline.
std::string ssh_invitation(const wire::SshAccess& access, const std::string& host, int port,
                           const std::string& fingerprint);

}  // namespace gyre::agent
