#include "simulation/stores.h"

#include <algorithm>

namespace gyre::simulation {
namespace {

bool writes(std::string_view operation) {
    for (const std::string_view verb :
         {"commit", "reserve", "append", "done", "save_steps", "add_", "close", "claim", "settle", "remember_refs"}) {
        if (operation.find(verb) != std::string_view::npos) return true;
    }
    return false;
}

}  // namespace

std::optional<memory::Mishap> ServerStores::mishap(std::string_view operation) {
    using memory::Mishap;
    Stage& stage = stage_;
    const Weather& weather = stage.weather;
    const auto strikes = [&](Mishap how) {
        stage.last_trouble = stage.time.elapsed();
        stage.trace.say("  {} {}", operation,
                        how == Mishap::fails  ? "fails"
                        : how == Mishap::torn ? "is torn"
                                              : "loses its answer");
        return how;
    };
    if (stage.time.elapsed() < away_until_) return strikes(Mishap::fails);
    if (weather.disk_full && writes(operation)) return strikes(Mishap::fails);
    if (weather.crashes > 0 && stage.dice.permille(weather.crashes)) {
        stage.trace.say("  the server dies before {}", operation);
        throw Crash{};
    }
    if (weather.store_fails == 0 || !stage.dice.permille(weather.store_fails)) return std::nullopt;
    if (!writes(operation)) return strikes(Mishap::fails);
    if (operation == "output_store.append" && stage.dice.percent(30)) return strikes(Mishap::torn);
    return strikes(stage.dice.percent(50) ? Mishap::lost_answer : Mishap::fails);
}

ServerStores::ServerStores(Stage& stage, Watcher& watcher, Disk& disk)
    : workflows(stage, watcher, disk.state, trouble),
      outbox(watcher, disk.state, trouble),
      queue(stage, disk.state, trouble),
      output(stage, watcher, disk, trouble),
      records(disk.state, trouble),
      keepsakes(disk.state, trouble),
      test_history(disk.state, trouble),
      projects(disk.state, trouble),
      pushes(disk.state, trouble),
      schedules(disk.state, trouble),
      blobs(disk.state, trouble),
      stage_(stage) {
    trouble.choose([this](std::string_view operation) { return mishap(operation); });
}

Result<Committed> WatchedWorkflows::commit(const Commit& wanted) {
    Commit commit = wanted;
    spoil(commit);
    std::vector<std::optional<Workflow>> before;
    {
        auto state = state_.lock();
        for (const auto& workflow : commit.workflows) {
            const auto* stored = state->find_workflow(workflow.id);
            before.push_back(stored ? std::optional(*stored) : std::nullopt);
        }
    }
    const auto done = store_.commit(commit);
    stage_.last_commit = stage_.time.elapsed();
    for (std::size_t i = 0; i < before.size(); ++i) {
        auto state = state_.lock();
        const auto* after = state->find_workflow(commit.workflows[i].id);
        if (!after || (before[i] && before[i]->version == after->version)) continue;
        stage_.trace.say("  {} is stored: workflow {} is {} (version {}){}", commit.event.text,
                         after->id.text.substr(0, 8), name_of(after->status), after->version,
                         commit.durable == Durable::now ? "" : ", not durably yet");
        spoil_stored(commit, *state);
        watcher_.changed(*state, commit.kind, before[i] ? &*before[i] : nullptr, *after);
    }
    return done;
}

// Planted faults: what is asked for is not what is needed.
void WatchedWorkflows::spoil(Commit& commit) {
    if (stage_.has(Planted::version_unchecked)) {
        auto state = state_.lock();
        for (auto& workflow : commit.workflows) {
            if (const auto* stored = state->find_workflow(workflow.id)) workflow.version = stored->version;
        }
    }
    if (stage_.has(Planted::trigger_not_durable) && commit.kind == "trigger") commit.durable = Durable::with_the_next;
    if (stage_.has(Planted::hold_kept)) commit.releases.clear();
    if (stage_.has(Planted::cancel_forgets_a_task)) {
        const auto stops = [](const Effect& effect) { return std::holds_alternative<StopAttempt>(effect); };
        const auto first = std::find_if(commit.effects.begin(), commit.effects.end(), stops);
        if (std::count_if(commit.effects.begin(), commit.effects.end(), stops) > 1) commit.effects.erase(first);
    }
}

// Planted faults: what is stored is not what was asked for.
void WatchedWorkflows::spoil_stored(const Commit& commit, memory::State& state) {
    if (stage_.has(Planted::event_not_logged) && commit.kind == "task_claimed") state.log.pop_back();
    if (stage_.has(Planted::outbox_apart) && !commit.effects.empty()) {
        std::vector<OutboxItem> apart;
        while (apart.size() < commit.effects.size() && !state.outbox.empty()) {
            apart.insert(apart.begin(), state.outbox.back());
            state.outbox.pop_back();
        }
        // They come a moment later, unless the server dies before.
        if (stage_.weather.crashes > 0 && stage_.dice.permille(30)) throw Crash{};
        state.outbox.insert(state.outbox.end(), apart.begin(), apart.end());
    }
    if (stage_.has(Planted::claimed_after_cancel) && commit.kind == CancelAsked::kind) {
        auto& workflow = state.workflows[state.workflow_index.at(commit.workflows.front().id)];
        for (auto& job : workflow.jobs) {
            for (auto& task : job.tasks) {
                if (job.canceled_by.empty() || task.attempts.empty()) continue;
                auto& attempt = task.attempts.back();
                if (attempt.state != AttemptState::placed) continue;
                attempt.state = AttemptState::running;
                attempt.token_hash = "of whoever came too late, for " + job.id.text;
                attempt.started_at = stage_.time.now();
            }
        }
    }
    if (stage_.has(Planted::retry_counted_twice) && commit.kind == "task_lost") {
        const auto& changed = commit.workflows.front();
        auto& workflow = state.workflows[state.workflow_index.at(changed.id)];
        for (const auto& job : changed.jobs) {
            for (auto& task : std::ranges::find(workflow.jobs, job.id, &WorkflowJob::id)->tasks) {
                if (task.status != TaskStatus::queued || task.attempts.empty()) continue;
                task.attempts.push_back(task.attempts.back());
                ++task.attempts.back().number;
                return;
            }
        }
    }
}

Result<std::vector<OutboxItem>> WatchedOutbox::pending(int limit) {
    auto items = store_.pending(limit);
    if (items) read_ = *items;
    return items;
}

Result<void> WatchedOutbox::done(const std::vector<std::int64_t>& ids) {
    for (const auto& item : read_) {
        if (std::find(ids.begin(), ids.end(), item.id) != ids.end()) watcher_.carried_out(item.effect);
    }
    return store_.done(ids);
}

Result<std::vector<QueuedTask>> WatchedQueue::queued_after(const QueuePlace& place, int limit) {
    auto tasks = store_.placeable_after(place, limit);
    if (tasks && stage_.has(Planted::task_forgotten))
        std::erase_if(*tasks, [](const QueuedTask& task) { return task.next.task == 1; });
    return tasks;
}

Result<std::vector<LiveAttempt>> WatchedQueue::live() {
    auto attempts = store_.live();
    if (attempts && stage_.has(Planted::beyond_capacity) && !attempts->empty()) attempts->pop_back();
    return attempts;
}

std::int64_t WatchedOutput::length_now(const OutputName& name) {
    const auto state = disk_.state.lock();
    const auto found = state->outputs.find({name.attempt, name.step});
    return found == state->outputs.end() ? 0 : std::ssize(found->second);
}

Result<Appended> WatchedOutput::append(const OutputName& name, std::int64_t offset, std::string_view bytes) {
    const auto before = length_now(name);
    if (stage_.has(Planted::offset_unchecked)) offset = before;
    auto appended = store_.append(name, offset, bytes);
    if (length_now(name) < before || length_now(name) > before + std::ssize(bytes))
        watcher_.found("output-grows", "output of attempt " + name.attempt.id().text + " jumped");
    if (appended && appended->accepted) watcher_.output_stored(name.attempt, name.step, before, bytes);
    if (appended && appended->accepted && stage_.has(Planted::output_unsynced)) {
        disk_.unsynced.emplace_back([name, offset](memory::State& state) {
            state.outputs[{name.attempt, name.step}].resize(static_cast<std::size_t>(offset));
        });
        if (disk_.unsynced.size() > 4) disk_.unsynced.erase(disk_.unsynced.begin());  // the kernel writes them at last
    }
    return appended;
}

}  // namespace gyre::simulation
