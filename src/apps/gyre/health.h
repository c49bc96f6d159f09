#pragma once

// What the services look at when they are asked how they are. Each look is quick, changes nothing that lasts, and
// answers in a few words what it saw, or says what is wrong. Messages name no paths: everybody may read them.

#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "api/site.h"
#include "apps/gyre/services.h"
#include "base/clock.h"
#include "ports/outbox.h"
#include "ports/task_queue.h"

namespace gyre::apps {

using Instant = std::chrono::steady_clock::time_point;

// A file can be written beneath `folder`, and its disk has `least_free` bytes left. `what` names it for people.
Result<std::string> look_at_folder(const std::string& what, const std::string& folder, std::int64_t least_free);

// The programs are there and may be run: by path, or by name as PATH finds them.
Result<std::string> look_for_programs(const std::vector<std::string>& programs);

// No attempt was placed on an agent for long without one taking it.
Result<std::string> look_at_claims(TaskQueue& queue, Timestamp now);

// `next_end`: of the leases that agents hold. One that is long over says that nobody watches them.
Result<std::string> look_at_leases(const std::optional<Instant>& next_end, Instant now);

// How long the oldest effect has been waiting, as far as was seen from here. Thread-safe.
class OutboxWatch {
public:
    explicit OutboxWatch(Outbox& outbox) : outbox_(outbox) {}
    Result<std::string> look(Instant now);

private:
    Outbox& outbox_;
    std::mutex mutex_;
    std::int64_t oldest_ = 0;
    Instant since_{};
};

// The answers of /ready and /health-check, from looks at all services. They are open to everybody, so a look is kept
// for a moment, and while one is made others get the one before. Thread-safe.
class HealthDesk {
public:
    HealthDesk(std::function<std::vector<Health>()> look, const Clock& clock) : look_(std::move(look)), clock_(clock) {}
    api::HealthReport report();

private:
    api::HealthReport look_now() const;

    std::function<std::vector<Health>()> look_;
    const Clock& clock_;
    std::mutex mutex_;
    bool looking_ = false;
    std::optional<api::HealthReport> last_;
    Instant looked_at_{};
};

}  // namespace gyre::apps
