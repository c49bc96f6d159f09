#include "simulation/timeline.h"

#include <algorithm>

namespace gyre::simulation {

void Timeline::after(Duration delay, Act act) {
    planned_.push_back({elapsed_ + std::max(delay, Duration{0}), asked_++, std::move(act)});
    std::push_heap(planned_.begin(), planned_.end(), later);
}

bool Timeline::step() {
    if (planned_.empty()) return false;
    std::pop_heap(planned_.begin(), planned_.end(), later);
    const Planned next = std::move(planned_.back());
    planned_.pop_back();
    elapsed_ = next.at;
    ++happened_;
    next.act();
    return true;
}

}  // namespace gyre::simulation
