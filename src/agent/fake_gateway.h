#pragma once

// A server for the agent's tests, on a unix socket of its own: it keeps what agents send in memory, holds to the
// offsets as the real one does, and can misbehave. Thread-safe.

#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/fd.h"
#include "base/http_client.h"
#include "wire/agent_protocol.h"
#include "wire/other_tasks.h"

namespace gyre::agent {

// What becomes of one call.
enum class Mishap {
    none,
    hang_up,      // the connection closes; nothing was done
    lose_answer,  // it was done; the connection closes
    busy,         // 503
    forget,       // a PUT: all that was stored of it is gone, and 409 says so
};

class FakeGateway {
public:
    FakeGateway();
    ~FakeGateway();

    http::Endpoint endpoint() const { return {.unix_path = path_, .host = {}, .port = {}}; }
    void go_away();  // connections close, and new ones are refused
    void come_back();

    // Asked for each call, e.g. ("PUT", "output/101"); set before any agent starts.
    std::function<Mishap(const std::string& method, const std::string& what)> mishap;
    std::optional<wire::Assignment> work;  // what the next claim gets

    void ask_to_stop() { stop_asked_ = true; }
    void fence() { fenced_ = true; }
    void let_in(std::optional<wire::SshAccess> access);  // by SSH; said with the next heartbeat
    // Blocks until `told` holds, asked under the lock after each call; false after 20 s.
    bool wait_until(const std::function<bool(const FakeGateway&)>& told);

    // What came. Read under wait_until(), or when the agent has ended.
    std::map<int, std::string> outputs;
    std::map<int, StepRecord> steps;
    std::map<std::string, std::string> blobs;  // complete
    std::map<std::string, std::string> partial_blobs;
    std::vector<CacheEntry> caches;
    std::vector<WorkspaceLayer> layers;
    std::vector<wire::UpstreamJob> upstream;  // of the layers
    std::vector<Artifact> artifacts;
    std::map<int, wire::TestBatch> tests;
    std::vector<wire::OtherTasks> others;  // answers to come, one a question; the last one stays; none: 404
    std::optional<wire::EarlierTests> earlier = wire::EarlierTests{};  // what is told of tests; none: 404
    std::vector<wire::SshEvent> ssh_events;
    std::optional<Outcome> outcome;
    std::string manifest;  // as it came with the outcome
    std::string usage;     // likewise
    std::vector<std::string> usages_so_far;
    bool knows_usage = true;  // false: it is a server from before that call
    int heartbeats = 0;
    int calls = 0;

private:
    struct Answer {
        int status = 200;
        std::string body = "{}";
    };
    struct Call {
        std::string method;
        std::string what;  // below the attempt
        std::map<std::string, std::string> query;
        std::vector<std::string> keys;
        std::string body;
    };
    void accept_all();
    void serve(int connection);
    bool answer_one(int connection, std::string& buffer);
    static std::optional<Call> read_call(int connection, std::string& buffer);
    Answer act(const Call& call);
    Answer put(std::string& stored, const Call& call);
    Answer blob(const Call& call);
    Answer cache(const Call& call);

    std::string directory_;
    std::string path_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::atomic<bool> stop_asked_{false};
    std::optional<wire::SshAccess> ssh_;
    std::atomic<bool> fenced_{false};
    std::atomic<bool> away_{true};
    Fd listener_;
    std::thread acceptor_;
    std::set<int> connections_;
    std::vector<std::thread> servers_;
};

}  // namespace gyre::agent
