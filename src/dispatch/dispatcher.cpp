#include "dispatch/dispatcher.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <unordered_map>

#include "base/log.h"

namespace gyre::dispatch {
namespace {

constexpr int queue_window = 2000;                   // tasks looked at in one round
constexpr std::size_t most_windows = 5;              // where none of those waits for room
constexpr std::chrono::seconds look_again_after{5};  // while offers wait for an agent, or after trouble
// Where a round takes longer, because thousands run, it may use half of the time: each of their ends rings.
constexpr std::chrono::milliseconds quick_round{5};
constexpr Duration after_lost_claims{100};  // while others place what was planned here, or fill a limit;
                                            // twice as long each time that nothing at all was to be had

Resources need_of(ExecutorKind kind, const std::string& resource_class) {
    // The config was checked against the same table; a class that has gone meanwhile counts as the default.
    if (const auto known = find_resources(kind, resource_class)) return *known;
    return find_resources(kind, "").value_or(Resources{});
}

}  // namespace

namespace {

constexpr const char* never_started =
    "this server gives no machines to jobs, for it runs without its dispatcher: another server on the same database "
    "may, and says more; where none does, nothing starts";

}  // namespace

struct Dispatcher::World {
    std::vector<placement::WantedTask> wanted;
    std::vector<placement::RunningTask> running;
};

// The waiting part of a plan, found by job and by attempt. Sentences are made when somebody asks.
struct Dispatcher::Seen {
    std::vector<placement::Waiting> waiting;
    std::unordered_map<JobId, std::vector<std::size_t>> of_job;  // in the order
    QueueCounts counts;

    static bool over_limit(const placement::Waiting& one) {
        return std::holds_alternative<placement::LimitReached>(one.reason);
    }
    static std::string sentence(const placement::Waiting& one) {
        std::string text = placement::explain(one.reason);
        if (one.ahead > 0)
            text += fmt::format("; {} waiting {} before it", one.ahead, one.ahead == 1 ? "task is" : "tasks are");
        return text;
    }
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
    if (!settings_.runs) return never_started;
    const auto seen = *seen_.lock();
    if (!seen) return "";
    const auto found = seen->of_job.find(job);
    return found == seen->of_job.end() ? "" : Seen::sentence(seen->waiting[found->second.front()]);
}

std::optional<SeenWait> Dispatcher::wait_of(const AttemptRef& attempt) const {
    if (!settings_.runs) return SeenWait{.reason = never_started};
    const auto seen = *seen_.lock();
    if (!seen) return std::nullopt;
    const auto found = seen->of_job.find(attempt.job);
    if (found == seen->of_job.end()) return std::nullopt;
    for (const std::size_t place : found->second) {
        const auto& one = seen->waiting[place];
        if (one.attempt != attempt) continue;
        return SeenWait{.position = static_cast<int>(place) + 1,
                        .ahead = one.ahead,
                        .over_limit = Seen::over_limit(one),
                        .reason = Seen::sentence(one),
                        .facts = to_json(one.reason)};
    }
    return std::nullopt;
}

QueueCounts Dispatcher::counts() const {
    const auto seen = *seen_.lock();
    return seen ? seen->counts : QueueCounts{};
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
        const auto began = std::chrono::steady_clock::now();
        look_again = turn();
        const auto took = std::chrono::steady_clock::now() - began;
        lock.lock();
        if (took > quick_round) changed_.wait_for(lock, took, [this] { return stopping_; });
    }
}

std::optional<Duration> Dispatcher::turn() {
    const auto done = round();
    if (!done) log::warn("dispatch", "{}; trying again in {} s", done.error().message, look_again_after.count());
    if (done && others_were_faster_) return got_nothing_ > 0 ? wait_for_others() : after_lost_claims;
    const std::optional<Duration> offers =
        !done || ports_.offers.waiting() > 0 ? std::optional<Duration>(look_again_after) : std::nullopt;
    if (!done || !next_ready_) return offers;
    const Duration until_ready = std::max(*next_ready_ - ports_.clock.now(), Duration{0});
    return std::min(offers.value_or(until_ready), until_ready);
}

// Where others fill a limit for hours, nobody reads the whole queue ten times a second.
Duration Dispatcher::wait_for_others() const {
    Duration wait = after_lost_claims;
    for (int round = 1; round < got_nothing_ && wait < look_again_after; ++round) wait *= 2;
    return std::min<Duration>(wait, look_again_after);
}

Result<void> Dispatcher::offer_again(const std::vector<LiveAttempt>& live) {
    Result<void> result;
    for (const auto& attempt : live) {
        if (attempt.state != AttemptState::placed || attempt.client != settings_.client) continue;
        if (!attempt.stop_asked) {
            ports_.offers.offer(attempt.attempt);
            continue;
        }
        ports_.offers.withdraw(attempt.attempt);
        const auto ended = ports_.front_door.handle(TaskFinished{.attempt = attempt.attempt, .outcome = Canceled{}});
        if (!ended) log::warn("dispatch", "attempt {}: {}", attempt.attempt.id().text, ended.error().message);
        if (!ended && ended.error().fault == Fault::unavailable) result = ended.error();
    }
    return result;
}

Dispatcher::World Dispatcher::world_of(const std::vector<QueuedTask>& queued, const std::vector<LiveAttempt>& live) {
    World world;
    std::unordered_map<JobId, std::int64_t> positions;  // which the tasks of a job share: placement orders these
    for (const auto& task : queued) {
        const auto position = positions.try_emplace(task.next.job, std::ssize(positions)).first->second;
        world.wanted.push_back({.attempt = task.next,
                                .job_name = task.job_name,
                                .workflow = task.workflow,
                                .project = task.project,
                                .need = need_of(task.executor, task.resource_class),
                                .queued_at = task.queued_at,
                                .position = position,
                                .ready_at = task.ready_at,
                                .pipeline_number = task.pipeline_number,
                                .serial_group = task.serial_group,
                                .holder = task.holder,
                                .held_as = task.held_as,
                                .held_by = task.held_by,
                                .resource_class = task.resource_class,
                                .executor = task.executor,
                                .promoted_at = task.promoted_at});
    }
    for (const auto& attempt : live) {
        world.running.push_back({.attempt = attempt.attempt,
                                 .project = attempt.project,
                                 .client = attempt.client,
                                 .need = need_of(attempt.executor, attempt.resource_class),
                                 .job_name = attempt.job_name});
    }
    return world;
}

// Who got a machine lately: by what runs, and by what this process remembers of what has ended since.
Result<placement::Rules> Dispatcher::rules(const std::vector<LiveAttempt>& live) {
    placement::Rules rules;
    if (ports_.rules) {
        GYRE_TRY_ASSIGN(rules.queue, ports_.rules->rules());
    }
    const Timestamp now = ports_.clock.now();
    std::erase_if(served_, [&](const auto& one) { return one.second + rules.starved_after < now; });
    for (const auto& attempt : live) {
        auto& last = served_[attempt.project];
        last = std::max(last, std::min(attempt.placed_at, now));
    }
    rules.served = served_;
    return rules;
}

// Does anything wait for what runs to end? Then those behind it in the queue would, too.
bool Dispatcher::wants_room(const placement::Placement& plan) {
    return std::ranges::any_of(plan.waiting, [](const placement::Waiting& one) {
        return std::holds_alternative<placement::NoCapacity>(one.reason) ||
               std::holds_alternative<placement::HeldForAnother>(one.reason) ||
               std::holds_alternative<placement::NoMachine>(one.reason);
    });
}

// A thousand tasks that wait for a limit do not hide those behind them, which could run.
Result<placement::Placement> Dispatcher::make_plan(const std::vector<LiveAttempt>& live) {
    const std::vector<placement::ClientRoom> rooms{{.name = settings_.client, .total = settings_.offered}};
    GYRE_TRY_ASSIGN(const auto rules, this->rules(live));
    std::vector<QueuedTask> queued;
    for (std::size_t windows = 1;; ++windows) {
        const QueuePlace behind = queued.empty() ? QueuePlace{} : place_of(queued.back());
        GYRE_TRY_ASSIGN(auto more, ports_.queue.placeable_after(behind, queue_window));
        std::ranges::move(more, std::back_inserter(queued));
        const World world = world_of(queued, live);
        auto plan = placement::place(world.wanted, world.running, rooms, ports_.clock.now(), rules);
        const bool all_seen = queued.size() < windows * queue_window;
        if (all_seen || windows == most_windows || wants_room(plan)) return plan;
    }
}

Result<void> Dispatcher::round() {
    GYRE_TRY_ASSIGN(const auto live, ports_.queue.live());
    const auto offered = offer_again(live);
    GYRE_TRY_ASSIGN(auto plan, make_plan(live));
    next_ready_ = plan.next_ready;
    const auto may_start = ports_.may_start && !plan.places.empty() ? ports_.may_start() : Result<void>();
    const auto placed = may_start ? place(plan) : may_start;
    remember(std::move(plan));
    GYRE_TRY(ports_.launcher.ensure_waiting(ports_.offers.waiting()));
    return placed ? offered : placed;
}

Result<void> Dispatcher::keep_warm() {
    return ports_.launcher.keep_waiting(ports_.offers.waiting() + settings_.warm_agents);
}

// Where several servers look at one queue, each places what it could claim, and looks again for what it could not: it
// has planned without what the others have, and there may be room left. `unavailable` when something could not be
// placed that may be later: nobody else will ring for it.
Result<void> Dispatcher::place(const placement::Placement& plan) {
    std::vector<AttemptRef> wanted;
    for (const auto& place : plan.places) wanted.push_back(place.attempt);
    const auto claimed = ports_.queue.claim(wanted);
    if (!claimed) return claimed.error();
    others_were_faster_ = claimed->size() < wanted.size();
    got_nothing_ = others_were_faster_ && claimed->empty() ? got_nothing_ + 1 : 0;
    const std::set<AttemptRef> ours(claimed->begin(), claimed->end());
    std::vector<Event> events;
    for (const auto& place : plan.places) {
        if (ours.contains(place.attempt))
            events.emplace_back(TaskPlaced{.attempt = place.attempt, .client = place.client});
    }
    const auto answers = ports_.front_door.handle_all(events);
    Result<void> result;
    for (std::size_t i = 0; i < events.size(); ++i) {
        const AttemptRef& attempt = std::get<TaskPlaced>(events[i]).attempt;
        if (answers[i]) {
            ports_.offers.offer(attempt);
            continue;
        }
        const Error& error = answers[i].error();
        log::warn("dispatch", "attempt {}: {}", attempt.id().text, error.message);
        if (error.fault == Fault::unavailable) result = error;
        if (error.fault == Fault::conflict) others_were_faster_ = true;
    }
    return result;
}

void Dispatcher::remember(placement::Placement plan) {
    auto seen = std::make_shared<Seen>();
    seen->waiting = std::move(plan.waiting);
    for (std::size_t i = 0; i < seen->waiting.size(); ++i) {
        const auto& one = seen->waiting[i];
        seen->of_job[one.attempt.job].push_back(i);
        ++(Seen::over_limit(one) ? seen->counts.usage : seen->counts.run);
    }
    *seen_.lock() = std::move(seen);
}

}  // namespace gyre::dispatch
