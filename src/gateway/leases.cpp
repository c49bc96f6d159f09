#include "gateway/leases.h"

#include <algorithm>

namespace gyre::gateway {

void Leases::grant(const AttemptId& attempt, Instant now, Duration grace) { until_[attempt] = now + length_ + grace; }

void Leases::grant_all(Instant now, Duration grace) {
    for (auto& [attempt, until] : until_) until = std::max(until, now + length_ + grace);
}

void Leases::renew(const AttemptId& attempt, Instant now) {
    const auto found = until_.find(attempt);
    if (found != until_.end()) found->second = std::max(found->second, now + length_);
}

bool Leases::end(const AttemptId& attempt) { return until_.erase(attempt) > 0; }

std::vector<AttemptId> Leases::expired(Instant now) const {
    std::vector<AttemptId> over;
    for (const auto& [attempt, until] : until_) {
        if (until <= now) over.push_back(attempt);
    }
    return over;
}

std::optional<Leases::Instant> Leases::next_expiry() const {
    std::optional<Instant> next;
    for (const auto& [attempt, until] : until_) {
        if (!next || until < *next) next = until;
    }
    return next;
}

}  // namespace gyre::gateway
