#include "dispatch/dispatcher.h"

#include "base/log.h"

namespace gyre::dispatch {
namespace {

constexpr int queue_window = 2000;                   // tasks looked at in one round
constexpr std::chrono::seconds look_again_after{5};  // while offers wait for an agent, or after trouble

Resources need_of(ExecutorKind kind, const std::string& resource_class) {
    // The config was checked against the same table; a class that has gone meanwhile counts as the default.
    if (const auto known = find_resources(kind, resource_class)) return *known;
    return find_resources(kind, "").value_or(Resources{});
}

}  // namespace

struct Dispatcher::World {
    std::vector<placement::WantedTask> wanted;
    std::vector<placement::RunningTask> running;
};

Dispatcher::Dispatcher(DispatchPorts ports, DispatchSettings settings)
    : ports_(ports), settings_(std::move(settings)) {}

Dispatcher::~Dispatcher() { stop(); }

void Dispatcher::start() {
    thread_ = std::thread([this] { run(); });
}

void Dispatcher::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        changed_.notify_one();
    }
    if (thread_.joinable()) thread_.join();
}

void Dispatcher::ring() {
    const std::lock_guard lock(mutex_);
    rung_ = true;
    changed_.notify_one();
}

std::string Dispatcher::why(const JobId& job) const {
    auto reasons = reasons_.lock();
    const auto found = reasons->find(job);
    return found == reasons->end() ? "" : found->second;
}

void Dispatcher::run() {
    std::unique_lock lock(mutex_);
    const auto awake = [this] { return rung_ || stopping_; };
    std::optional<Duration> look_again;
    while (!stopping_) {
        if (!changed_.wait_for(lock, settings_.warm_after, awake)) {
            lock.unlock();
            if (const auto warm = keep_warm(); !warm) log::warn("dispatch", "{}", warm.error().message);
            lock.lock();
        }
        if (look_again) {
            changed_.wait_for(lock, *look_again, awake);
        } else {
            changed_.wait(lock, awake);
        }
        if (stopping_) return;
        rung_ = false;
        lock.unlock();
        look_again = turn();
        lock.lock();
    }
}

std::optional<Duration> Dispatcher::turn() {
    const auto done = round();
    if (!done) log::warn("dispatch", "{}; trying again in {} s", done.error().message, look_again_after.count());
    const std::optional<Duration> offers =
        !done || ports_.offers.waiting() > 0 ? std::optional<Duration>(look_again_after) : std::nullopt;
    if (!done || !next_ready_) return offers;
    const Duration until_ready = std::max(*next_ready_ - ports_.clock.now(), Duration{0});
    return std::min(offers.value_or(until_ready), until_ready);
}

void Dispatcher::offer_again(const std::vector<LiveAttempt>& live) {
    for (const auto& attempt : live) {
        if (attempt.state != AttemptState::placed || attempt.client != settings_.client) continue;
        if (!attempt.stop_asked) {
            ports_.offers.offer(attempt.attempt);
            continue;
        }
        ports_.offers.withdraw(attempt.attempt);
        const auto ended = ports_.front_door.handle(TaskFinished{.attempt = attempt.attempt, .outcome = Canceled{}});
        if (!ended) log::warn("dispatch", "attempt {}: {}", attempt.attempt.id().text, ended.error().message);
    }
}

Dispatcher::World Dispatcher::world_of(const std::vector<QueuedTask>& queued, const std::vector<LiveAttempt>& live) {
    World world;
    std::int64_t position = 0;
    for (const auto& task : queued) {
        world.wanted.push_back({.attempt = task.next,
                                .job_name = task.job_name,
                                .workflow = task.workflow,
                                .project = task.project,
                                .need = need_of(task.executor, task.resource_class),
                                .queued_at = task.queued_at,
                                .position = position++,
                                .ready_at = task.ready_at,
                                .pipeline_number = task.pipeline_number,
                                .serial_group = task.serial_group,
                                .holder = task.holder,
                                .held_as = task.held_as,
                                .held_by = task.held_by});
    }
    for (const auto& attempt : live) {
        world.running.push_back({.attempt = attempt.attempt,
                                 .project = attempt.project,
                                 .client = attempt.client,
                                 .need = need_of(attempt.executor, attempt.resource_class)});
    }
    return world;
}

Result<void> Dispatcher::round() {
    GYRE_TRY_ASSIGN(const auto live, ports_.queue.live());
    offer_again(live);
    GYRE_TRY_ASSIGN(const auto queued, ports_.queue.queued(queue_window));
    const World world = world_of(queued, live);
    const std::vector<placement::ClientRoom> rooms{{.name = settings_.client, .total = settings_.offered}};
    const auto plan = placement::place(world.wanted, world.running, rooms, ports_.clock.now());
    next_ready_ = plan.next_ready;
    remember_reasons(plan);
    place(plan);
    return ports_.launcher.ensure_waiting(ports_.offers.waiting());
}

Result<void> Dispatcher::keep_warm() {
    return ports_.launcher.ensure_waiting(ports_.offers.waiting() + settings_.warm_agents);
}

// Where several servers look at one queue, each places what it could claim, and looks again for what it could not.
void Dispatcher::place(const placement::Placement& plan) {
    std::vector<AttemptRef> wanted;
    for (const auto& place : plan.places) wanted.push_back(place.attempt);
    const auto claimed = ports_.queue.claim(wanted);
    if (!claimed) log::warn("dispatch", "{}", claimed.error().message);
    if (claimed && claimed->size() < wanted.size()) ring();
    for (const auto& place : plan.places) {
        if (!claimed || std::find(claimed->begin(), claimed->end(), place.attempt) == claimed->end()) continue;
        const auto placed = ports_.front_door.handle(TaskPlaced{.attempt = place.attempt, .client = place.client});
        if (placed) {
            ports_.offers.offer(place.attempt);
        } else {
            log::warn("dispatch", "attempt {}: {}", place.attempt.id().text, placed.error().message);
        }
    }
}

void Dispatcher::remember_reasons(const placement::Placement& plan) {
    std::unordered_map<JobId, std::string> reasons;
    for (const auto& waiting : plan.waiting) {
        std::string sentence = placement::explain(waiting.reason);
        if (waiting.ahead > 0)
            sentence +=
                fmt::format("; {} waiting {} before it", waiting.ahead, waiting.ahead == 1 ? "task is" : "tasks are");
        reasons.emplace(waiting.attempt.job, std::move(sentence));
    }
    *reasons_.lock() = std::move(reasons);
}

}  // namespace gyre::dispatch
