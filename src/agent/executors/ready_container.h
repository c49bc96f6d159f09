#pragma once

// A primary container that stands before its job is known, so that a job need not wait for its engine. It is made for
// one job like any other container, and until then nothing runs in it but the supervisor. An agent that waits for work
// makes one as most of this machine's latest jobs wanted theirs (recent_containers.h); the job that comes takes it only
// where its own would be made exactly alike, but for the environment, which steps are given anyway. What nobody takes
// is removed, by this agent or, where it was killed, by the next one's sweep.

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "agent/attempt_directory.h"
#include "agent/executors/docker_control.h"
#include "agent/executors/engine_client.h"
#include "agent/executors/recent_containers.h"
#include "base/fd.h"
#include "base/json.h"
#include "base/result.h"

namespace gyre::agent {

struct StandingContainer {
    AttemptDirectory place;  // of what it sees as /run/gyre
    std::string box;         // value of its label, to remove it by
    std::string id;
    Fd connection;  // its supervisor's, which said nothing yet
};

struct ReadySettings {
    std::string work;
    std::string injob_path;
    std::function<Result<EngineClient>()> engine;  // called in another thread
    // Until it is looked what is wanted: the job that another agent has just taken says so too, and starts first.
    std::chrono::milliseconds pause{250};
};

class ReadyContainer {
public:
    // Makes one in a thread of its own, if one is to be expected.
    explicit ReadyContainer(ReadySettings settings);
    ReadyContainer(const ReadyContainer&) = delete;
    ~ReadyContainer();  // removes what nobody took

    // To be called once, by the job that came: notes what it wants, for those after it; a job that is tried again was
    // noted before. Waits some seconds for one that is being made. Null: there is none like that.
    std::unique_ptr<StandingContainer> take(const json::object& likeness, bool again = false);
    // No job will take it any more: it goes now, and nobody waits for that. Idempotent.
    void give_up();

private:
    void run();
    bool expect_one();
    void have_it_until_decided();
    Result<std::unique_ptr<StandingContainer>> make(const json::object& likeness);

    ReadySettings settings_;
    Fd unwanted_;  // eventfd
    RecentContainers recent_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::optional<json::object> likeness_;  // of the one that is made, or was
    bool made_ = false;                     // or failed to
    bool decided_ = false;                  // whoever might take it has, or will not
    std::unique_ptr<StandingContainer> standing_;
    std::thread thread_;
};

}  // namespace gyre::agent
