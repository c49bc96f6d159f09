#include "gateway/claims.h"

#include <algorithm>

namespace gyre::gateway {

void Claims::offer(const AttemptRef& attempt) {
    const std::lock_guard lock(mutex_);
    if (add(attempt)) call_next();
}

void Claims::put_back(const AttemptRef& attempt) {
    const std::lock_guard lock(mutex_);
    add(attempt);
}

void Claims::withdraw(const AttemptRef& attempt) {
    const std::lock_guard lock(mutex_);
    offers_.remove(attempt);
}

int Claims::offered() const {
    const std::lock_guard lock(mutex_);
    return static_cast<int>(offers_.size());
}

Claims::TicketHandle Claims::join(std::string client, std::int64_t process, std::function<void()> wake) {
    const std::lock_guard lock(mutex_);
    for (const auto& other : line_) {
        if (other->process != process || other->client != client) continue;
        other->superseded = true;
        other->wake();
    }
    line_.push_back(std::make_shared<Ticket>(Ticket{std::move(client), process, std::move(wake)}));
    return line_.back();
}

void Claims::leave(const TicketHandle& ticket) {
    const std::lock_guard lock(mutex_);
    line_.remove(ticket);
    if (ticket->called) call_next();
}

bool Claims::is_superseded(const TicketHandle& ticket) const {
    const std::lock_guard lock(mutex_);
    return ticket->superseded;
}

std::optional<AttemptRef> Claims::take(const TicketHandle& ticket) {
    const std::lock_guard lock(mutex_);
    if (ticket->superseded) return std::nullopt;
    ticket->called = false;
    if (offers_.empty()) return std::nullopt;
    const AttemptRef oldest = offers_.front();
    offers_.pop_front();
    return oldest;
}

bool Claims::add(const AttemptRef& attempt) {
    if (std::find(offers_.begin(), offers_.end(), attempt) != offers_.end()) return false;
    offers_.push_back(attempt);
    return true;
}

void Claims::call_next() {
    if (offers_.empty()) return;
    for (const auto& ticket : line_) {
        if (ticket->called || ticket->superseded) continue;
        ticket->called = true;
        ticket->wake();
        return;
    }
}

}  // namespace gyre::gateway
