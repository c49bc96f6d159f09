#pragma once

// Calls that may wait long for a machine elsewhere (a git remote), apart from everything else: on a few threads of
// their own, which begin with the first call. Calls of one lane run one after another, in the order they came; lanes
// take turns. How many calls there may be is bounded, in all and in each lane: who comes later is turned away at once.
// Thread-safe.

#include <boost/asio/thread_pool.hpp>

#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

namespace gyre::httpd {

struct LaneLimits {
    std::size_t threads = 16;       // so many lanes move at the same time
    std::size_t calls = 64;         // running and waiting
    std::size_t calls_of_lane = 8;  // the same, of one lane
};

enum class Entered { yes, lane_full, all_full };

class Lanes {
public:
    explicit Lanes(LaneLimits limits) : limits_(limits) {}
    ~Lanes() { finish(); }

    // `call` must not throw.
    Entered enter(const std::string& lane, std::function<void()> call);
    // Returns when everything that entered has run; nothing may enter any more.
    void finish();

private:
    void move_on(const std::string& lane);

    const LaneLimits limits_;
    std::mutex mutex_;
    std::size_t calls_ = 0;
    std::unordered_map<std::string, std::deque<std::function<void()>>> lanes_;  // the first of each runs
    std::optional<boost::asio::thread_pool> threads_;
};

}  // namespace gyre::httpd
