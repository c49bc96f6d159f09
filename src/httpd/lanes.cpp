#include "httpd/lanes.h"

#include <boost/asio/post.hpp>

namespace gyre::httpd {

Entered Lanes::enter(const std::string& lane, std::function<void()> call) {
    const std::lock_guard lock(mutex_);
    if (calls_ >= limits_.calls) return Entered::all_full;
    auto& waiting = lanes_[lane];
    if (waiting.size() >= limits_.calls_of_lane) return Entered::lane_full;
    ++calls_;
    waiting.push_back(std::move(call));
    if (!threads_) threads_.emplace(limits_.threads);
    if (waiting.size() == 1) boost::asio::post(*threads_, [this, lane] { move_on(lane); });
    return Entered::yes;
}

void Lanes::finish() {
    if (threads_) threads_->join();
}

// Runs one call; the lane's next takes its turn behind the other lanes.
void Lanes::move_on(const std::string& lane) {
    std::unique_lock lock(mutex_);
    auto& waiting = lanes_.at(lane);  // stays where it is while others enter
    const auto call = std::move(waiting.front());
    lock.unlock();
    call();
    lock.lock();
    --calls_;
    waiting.pop_front();
    if (waiting.empty()) {
        lanes_.erase(lane);
    } else {
        boost::asio::post(*threads_, [this, lane] { move_on(lane); });
    }
}

}  // namespace gyre::httpd
