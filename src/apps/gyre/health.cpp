#include "apps/gyre/health.h"

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "apps/gyre/terminal.h"
#include "base/fd.h"

namespace gyre::apps {
namespace {

constexpr Duration longest_claim{60'000};
constexpr Duration longest_effect{30'000};
constexpr Duration longest_unwatched{30'000};
constexpr Duration kept_when_well{1'000};
constexpr Duration kept_when_not{100};

std::int64_t seconds_of(std::chrono::steady_clock::duration time) {
    return std::chrono::duration_cast<std::chrono::seconds>(time).count();
}

Error because(const std::string& what) { return unavailable(what + ": " + std::strerror(errno)); }

bool may_run(const std::filesystem::path& path) {
    std::error_code failed;
    return std::filesystem::is_regular_file(path, failed) && ::access(path.c_str(), X_OK) == 0;
}

bool is_there(const std::string& program) {
    if (program.find('/') != std::string::npos) return may_run(program);
    const char* found = std::getenv("PATH");
    std::string_view path = found ? found : "/usr/bin:/bin";
    while (!path.empty()) {
        const auto end = std::min(path.find(':'), path.size());
        if (may_run(std::filesystem::path(path.substr(0, end)) / program)) return true;
        path.remove_prefix(std::min(end + 1, path.size()));
    }
    return false;
}

}  // namespace

Result<std::string> look_at_folder(const std::string& what, const std::string& folder, std::int64_t least_free) {
    const Fd file(::open(folder.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600));
    // A file system that knows no nameless files is asked for less.
    if (!file && (errno != EOPNOTSUPP || ::access(folder.c_str(), W_OK | X_OK) != 0))
        return because(what + " cannot be written");
    if (file && ::write(file.get(), "x", 1) != 1) return because(what + " cannot be written");
    struct statvfs disk {};
    if (::statvfs(folder.c_str(), &disk) != 0) return because(what + " cannot be looked at");
    const auto free = static_cast<std::int64_t>(disk.f_bavail) * static_cast<std::int64_t>(disk.f_frsize);
    if (free < least_free)
        return unavailable("the disk of " + what + " has only " + human_bytes(free) + " left: make room");
    return human_bytes(free) + " free";
}

Result<std::string> look_for_programs(const std::vector<std::string>& programs) {
    std::string found;
    for (const auto& program : programs) {
        const std::string name = std::filesystem::path(program).filename();
        if (!is_there(program)) return unavailable("the program " + name + " is not there, or may not be run");
        found += (found.empty() ? "" : ", ") + name;
    }
    return found + " found";
}

Result<std::string> look_at_claims(TaskQueue& queue, Timestamp now) {
    GYRE_TRY_ASSIGN(const auto live, queue.live());
    std::size_t placed = 0;
    for (const auto& attempt : live) {
        if (attempt.state != AttemptState::placed) continue;
        ++placed;
        const auto age = now - attempt.placed_at;
        if (age <= longest_claim || attempt.stop_asked) continue;
        return unavailable("attempt " + attempt.attempt.id().text + " was placed " + std::to_string(seconds_of(age)) +
                           " s ago, and no agent has taken it");
    }
    return std::to_string(live.size() - placed) + " running, " + std::to_string(placed) + " placed";
}

Result<std::string> look_at_leases(const std::optional<Instant>& next_end, Instant now) {
    if (!next_end) return std::string("no agent holds an attempt");
    if (now - *next_end > longest_unwatched)
        return unavailable("a lease ended " + std::to_string(seconds_of(now - *next_end)) +
                           " s ago, and nobody acted on it");
    return "agents are heard: the next lease ends in " + std::to_string(seconds_of(*next_end - now)) + " s";
}

Result<std::string> OutboxWatch::look(Instant now) {
    GYRE_TRY_ASSIGN(const auto pending, outbox_.pending(1));
    const std::lock_guard lock(mutex_);
    const std::int64_t oldest = pending.empty() ? 0 : pending.front().id;
    if (oldest != std::exchange(oldest_, oldest)) since_ = now;
    if (oldest == 0) return std::string("no effect waits");
    const std::string age = std::to_string(seconds_of(now - since_)) + " s";
    if (now - since_ > longest_effect) return unavailable("the oldest effect has waited for more than " + age);
    return "the oldest effect has waited for " + age;
}

api::HealthReport HealthDesk::report() {
    {
        const std::lock_guard lock(mutex_);
        const Duration kept = last_ && last_->ready ? kept_when_well : kept_when_not;
        if (last_ && (looking_ || clock_.steady() - looked_at_ < kept)) return *last_;
        looking_ = true;
    }
    api::HealthReport report;
    try {
        report = look_now();
    } catch (...) {
        const std::lock_guard lock(mutex_);
        looking_ = false;
        throw;
    }
    const std::lock_guard lock(mutex_);
    looking_ = false;
    looked_at_ = clock_.steady();
    last_ = report;
    return report;
}

api::HealthReport HealthDesk::look_now() const {
    api::HealthReport report{.ready = true};
    json::object parts;
    json::object details;
    for (const auto& part : look_()) {
        report.ready = report.ready && (part.healthy || !part.needed);
        parts[part.name] = part.healthy ? "ok" : part.message;
        details[part.name] = json::object{{"healthy", part.healthy}, {"message", part.message}};
    }
    report.parts = std::move(parts);
    report.details = std::move(details);
    return report;
}

}  // namespace gyre::apps
