#include "apps/gyre/follow_run.h"

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <mutex>

#include "apps/gyre/job_printer.h"

namespace gyre::apps {
namespace {

std::atomic<int> interrupted{0};  // the signal

// As people know it.
std::string name_of_interrupt() {
    const int signal = interrupted;
    if (signal == SIGTERM) return "SIGTERM";
    return signal == SIGHUP ? "SIGHUP" : "Ctrl-C";
}

// Wakes the printing thread when there is news.
class Doorbell {
public:
    void ring() {
        const std::lock_guard lock(mutex_);
        rung_ = true;
        changed_.notify_one();
    }
    // Returns at news; now and then without, so that a signal is noticed.
    void wait() {
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, std::chrono::milliseconds{250}, [this] { return rung_; });
        rung_ = false;
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool rung_ = true;
};

}  // namespace

void catch_interrupts() {
    struct sigaction action {};
    action.sa_handler = [](int signal) {
        if (interrupted.exchange(signal) != 0) _exit(130);
    };
    sigaction(SIGINT, &action, nullptr);
    sigaction(SIGTERM, &action, nullptr);
    sigaction(SIGHUP, &action, nullptr);
}

bool was_interrupted() { return interrupted != 0; }

Result<Followed> follow(Installation& installation, const std::vector<WorkflowId>& workflows,
                        const std::function<Result<void>()>& look) {
    const auto began = std::chrono::steady_clock::now();
    JobPrinter printer({installation.workflows(), installation.records(), installation.output()}, workflows);
    Doorbell bell;
    const auto subscription = installation.live().subscribe([&bell](const News&) { bell.ring(); });
    Followed followed;
    for (;;) {
        bell.wait();
        if (was_interrupted() && !followed.canceled) {
            followed.canceled = true;
            const std::string by = name_of_interrupt();
            if (by == "Ctrl-C") {
                fmt::print(stderr, "gyre: canceling; press Ctrl-C again to leave at once\n");
            } else {
                fmt::print(stderr, "gyre: canceling, as {} asks; a second signal ends it at once\n", by);
            }
            for (const auto& workflow : workflows) GYRE_TRY(installation.front_door().cancel_workflow(workflow, by));
        }
        GYRE_TRY_ASSIGN(const bool over, printer.look());
        if (over) break;
        if (!followed.canceled) GYRE_TRY(look());
    }
    const auto total = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began);
    followed.success = printer.summarize(total.count());
    return followed;
}

Result<void> cancel_leftovers(Installation& installation, const std::string& by) {
    GYRE_TRY_ASSIGN(const auto unfinished, installation.workflows().unfinished());
    for (const auto& workflow : unfinished) GYRE_TRY(installation.front_door().cancel_workflow(workflow, by));
    return {};
}

Result<std::string> cache_dir_of(const std::string& given) {
    if (!given.empty()) return given;
    if (const char* named = std::getenv("XDG_CACHE_HOME"); named && *named) return std::string(named) + "/gyre";
    if (const char* home = std::getenv("HOME"); home && *home) return std::string(home) + "/.cache/gyre";
    return invalid("nobody knows where this user's files are: set HOME, or give --cache-dir");
}

std::string who_runs() {
    const char* user = std::getenv("USER");
    return user ? user : "local";
}

}  // namespace gyre::apps
