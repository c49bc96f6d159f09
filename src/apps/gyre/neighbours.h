#pragma once

// The other servers on the same PostgreSQL. Says that this one is there, hears what the others tell, looks by itself
// from time to time in case a word got lost, and takes over what a server held that is gone: its attempts are lost, and
// their tasks are tried again. A server alone on its SQLite has none: then everything here does nothing.
//
// A server is taken for gone when nothing was heard of it for longer than its agents go on without it
// (signs_of_life.h). An outage of the database is nobody's silence.

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "adapters/postgres/bell.h"
#include "adapters/sql/servers.h"
#include "apps/gyre/signs_of_life.h"
#include "gateway/gateway.h"
#include "ports/front_door.h"
#include "ports/live.h"
#include "ports/task_queue.h"

namespace gyre::apps {

struct NeighbourSettings {
    std::string database;          // as the setting; empty: alone
    std::string server;            // this one
    std::string signing_key = {};  // what all of them have to sign with
    std::chrono::milliseconds say_every{2'000};
    std::chrono::milliseconds gone_after{20'000};
};

struct NeighbourPorts {
    sql::Servers& servers;
    TaskQueue& queue;
    gateway::Gateway& gateway;
    DispatchBell& dispatch;                // of this server
    std::function<void()> look_at_outbox;  // likewise; must not block
    Live& news;                            // of this server's own listeners
};

class Neighbours {
public:
    Neighbours(NeighbourPorts ports, NeighbourSettings settings);
    ~Neighbours();  // stops
    Neighbours(const Neighbours&) = delete;
    Neighbours& operator=(const Neighbours&) = delete;

    // Errors: conflict (another server has this name), unavailable.
    Result<void> start();
    void stop();
    // For health: also who signs with another key, whose links, sessions and tokens the others refuse.
    Result<std::string> look() const;

    // To the others. Never block.
    void tell_of_work();   // something waits in the queue, or in the outbox
    void tell_of_stops();  // attempts shall stop
    void tell_news(const News& news);

private:
    void hear(std::string_view word);
    void run();
    void turn();
    void carry_out_stops();
    void take_over();
    void lose_attempts_of(const std::string& server, const std::vector<LiveAttempt>& live);

    NeighbourPorts ports_;
    NeighbourSettings settings_;
    std::unique_ptr<postgres::Bell> bell_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool stops_ = false;
    bool stopping_ = false;
    SignsOfLife signs_;  // this and what follows is the thread's
    std::thread thread_;
};

// The ears of one server that speak to the others, too.
class BellOfAll final : public DispatchBell {
public:
    void ring() override {
        if (here != nullptr) here->ring();
        if (others != nullptr) others->tell_of_work();
    }
    DispatchBell* here = nullptr;
    Neighbours* others = nullptr;
};

class StopsOfAll final : public StopBell {
public:
    StopsOfAll(StopBell& here, Neighbours& others) : here_(here), others_(others) {}
    void stop(const AttemptRef& attempt, const std::string& reason) override {
        here_.stop(attempt, reason);
        others_.tell_of_stops();
    }

private:
    StopBell& here_;
    Neighbours& others_;
};

class NewsOfAll final : public Live {
public:
    explicit NewsOfAll(Live& here) : here_(here) {}
    void publish(const News& news) override {
        here_.publish(news);
        if (others != nullptr) others->tell_news(news);
    }
    std::shared_ptr<void> subscribe(std::function<void(const News&)> hear) override {
        return here_.subscribe(std::move(hear));
    }
    Neighbours* others = nullptr;

private:
    Live& here_;
};

}  // namespace gyre::apps
