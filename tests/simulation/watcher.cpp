#include "simulation/watcher.h"

#include <algorithm>

#include "base/json.h"
#include "model/serial_hold.h"
#include "placement/needs.h"
#include "placement/rules.h"

// What is seen while it happens. What is looked at in the end: watcher_end.cpp.

namespace gyre::simulation {
namespace {

constexpr std::size_t most_findings = 20;
constexpr Duration longest_idleness{1'000};
constexpr Duration longest_ignorance{60'000};
constexpr Duration lease{15'000};
const Duration hold_after = placement::Rules{}.hold_after;

Resources need_of(const memory::State& state, const Workflow& workflow, const WorkflowJob& job) {
    const auto* pipeline = state.find_pipeline(workflow.pipeline);
    const auto& spec = pipeline->plan.jobs.at(static_cast<std::size_t>(job.spec));
    return find_resources(ExecutorKind::docker, spec.resource_class).value_or(Resources{});
}

Resources charge(const Resources& need, const std::string& machine, const Resources& total) {
    return placement::charge(need, {.name = machine, .total = total});
}

// What machines have left.
std::map<std::string, Resources> room(const memory::State& state, std::map<std::string, Resources> machines) {
    const auto totals = machines;
    for (const auto& workflow : state.workflows) {
        for (const auto& job : workflow.jobs) {
            for (const auto& task : job.tasks) {
                if (task.attempts.empty() || task.attempts.back().state == AttemptState::finished) continue;
                const auto& client = task.attempts.back().client;
                machines[client] = machines[client] - charge(need_of(state, workflow, job), client, totals.at(client));
            }
        }
    }
    return machines;
}

}  // namespace

char output_byte(const AttemptRef& attempt, int step, std::int64_t offset) {
    const auto mixed = static_cast<std::uint64_t>(offset) * 31 + static_cast<std::uint64_t>(step) * 7 +
                       static_cast<std::uint64_t>(attempt.attempt) * 131 +
                       static_cast<std::uint64_t>(attempt.task) * 17 + static_cast<unsigned char>(attempt.job.text[0]);
    return static_cast<char>('a' + mixed % 26);
}

std::string output_bytes(const AttemptRef& attempt, int step, std::int64_t offset, std::int64_t length) {
    std::string bytes(static_cast<std::size_t>(length), '\0');
    for (auto& byte : bytes) byte = output_byte(attempt, step, offset++);
    return bytes;
}

void Watcher::found(std::string rule, std::string sentence) {
    stage_.trace.say("FINDING {}: {}", rule, sentence);
    if (findings_.size() < most_findings) findings_.push_back({std::move(rule), std::move(sentence)});
}

void Watcher::changed(const memory::State& state, const std::string& kind, const Workflow* before,
                      const Workflow& after) {
    for (auto& one : workflow::check(after)) found(std::move(one.rule), std::move(one.sentence));
    if (before) {
        for (auto& one : workflow::check_change(*before, after)) found(std::move(one.rule), std::move(one.sentence));
    }
    note_ends(before, after);
    if (kind == TaskPlaced::kind) check_capacity(state);
}

void Watcher::note_ends(const Workflow* before, const Workflow& after) {
    for (std::size_t i = 0; before && i < after.jobs.size(); ++i) {
        for (std::size_t t = 0; t < after.jobs[i].tasks.size(); ++t) {
            const auto& attempts = after.jobs[i].tasks[t].attempts;
            const auto& known = before->jobs[i].tasks[t].attempts;
            if (attempts.empty() || !attempts.back().outcome) continue;
            if (known.size() == attempts.size() && known.back().outcome) continue;
            const AttemptRef ref{after.jobs[i].id, static_cast<int>(t), attempts.back().number};
            ended_at_[ref.id().text] = stage_.time.elapsed();
            check_loss(ref, *attempts.back().outcome);
        }
    }
}

// An agent that is heard is not lost for its silence.
void Watcher::check_loss(const AttemptRef& attempt, const Outcome& outcome) {
    const auto* failure = std::get_if<InfrastructureFailed>(&outcome);
    if (!failure || !failure->reason.starts_with("no word from the agent")) return;
    const auto last = heard_at_.find(attempt.id().text);
    if (last != heard_at_.end() && stage_.time.elapsed() - last->second < lease)
        found("lost-for-a-reason", "attempt " + attempt.id().text + " was lost for its silence, and was heard");
}

void Watcher::heard(const std::string& attempt_id) { heard_at_[attempt_id] = stage_.time.elapsed(); }

// Of several servers, one that stood still may not know at once what the others ended.
void Watcher::renewed(const std::string& attempt_id) {
    const auto ended = ended_at_.find(attempt_id);
    if (ended != ended_at_.end() && stage_.time.elapsed() - ended->second > longest_ignorance)
        found("old-token-refused", "attempt " + attempt_id + " is long over, and its agent renewed its lease");
}

void Watcher::check_capacity(const memory::State& state) {
    for (const auto& [machine, left] : room(state, machines_)) {
        if (left.millicpus >= 0 && left.memory_mb >= 0) continue;
        found("within-capacity", "machine " + machine + " was given more than it has");
    }
}

void Watcher::carried_out(const Effect& effect) { effects_.insert(to_json_text(effect)); }

void Watcher::accepted(const EventId& trigger, const PipelineId& pipeline) {
    const auto [known, fresh] = triggers_.try_emplace(trigger, pipeline);
    if (!fresh && known->second != pipeline) found("trigger-once", "trigger " + trigger.text + " made two pipelines");
}
void Watcher::heads(const ProjectId& project, const std::map<std::string, std::string>& refs) {
    heads_[project] = refs;
}
void Watcher::canceled(const WorkflowId& workflow, const std::optional<JobId>& job) {
    canceled_.emplace_back(workflow, job);
}
void Watcher::approved(const JobId& job) { approved_.push_back(job); }
void Watcher::rerun(const WorkflowId& made) { reruns_.push_back(made); }

void Watcher::begins(const AttemptRef& attempt, int process) {
    took_[attempt].insert(process);
    if (took_[attempt].size() > 1)
        found("one-agent-an-attempt", "attempt " + attempt.id().text + " was given to two agents");
    const auto [other, alone] = acting_.try_emplace({attempt.job, attempt.task}, attempt, process);
    if (alone) return;
    found("one-acts", "attempts " + other->second.first.id().text + " and " + attempt.id().text +
                          " of one task run at the same time");
}

void Watcher::rests(const AttemptRef& attempt, int process) {
    const auto found = acting_.find({attempt.job, attempt.task});
    if (found != acting_.end() && found->second == std::pair(attempt, process)) acting_.erase(found);
}

void Watcher::says_end(const AttemptRef& attempt, const Outcome& outcome) { said_[attempt].push_back(outcome); }

void Watcher::end_acknowledged(const AttemptRef& attempt, const Outcome& outcome) {
    acknowledged_.insert_or_assign(attempt, outcome);
}

void Watcher::end_refused(const AttemptRef& attempt, const Outcome& outcome) {
    refused_.insert_or_assign(attempt, outcome);
}

void Watcher::output_stored(const AttemptRef& attempt, int step, std::int64_t offset, std::string_view bytes) {
    if (bytes != output_bytes(attempt, step, offset, std::ssize(bytes)))
        found("output-grows", "output of attempt " + attempt.id().text + " is stored where it does not belong");
}

void Watcher::output_acknowledged(const AttemptRef& attempt, int step, std::int64_t length) {
    auto& known = output_[{attempt, step}];
    known = std::max(known, length);
}

void Watcher::output_refused(const AttemptRef& attempt, int step, const std::string& why) {
    found("output-taken", "output of step " + std::to_string(step) + " of attempt " + attempt.id().text + ": " + why);
}

bool Watcher::fits(const Resources& need, const Rooms& free) const {
    return std::ranges::any_of(free, [&](const auto& machine) {
        return charge(need, machine.first, machines_.at(machine.first)).fits_in(machine.second);
    });
}

// Of a serial group that nobody holds, which of the waiting has its turn is placement's to say: it is seen when all of
// them could run.
std::vector<AttemptRef> Watcher::idle_now(const memory::State& state, Rooms free) const {
    struct Group {
        AttemptRef first;
        bool all_could_run = true;
    };
    std::map<std::string, Group> groups;
    std::vector<AttemptRef> idle;
    const auto now = stage_.time.now();
    for (const auto& workflow : state.workflows) {
        if (is_terminal(workflow.status)) continue;
        for (const auto& job : workflow.jobs) {
            if (job.tasks.empty()) continue;
            const auto need = need_of(state, workflow, job);
            const auto held = state.serial_holds.find(job.serial_group);
            const bool is_held = held != state.serial_holds.end();
            if (is_held && held->second.holder != serial_holder(workflow.id, job.id, job.job_group)) continue;
            for (const auto& task : job.tasks) {
                if (task.status != TaskStatus::queued) continue;
                const bool could_run = (!task.ready_at || *task.ready_at <= now) && fits(need, free);
                const AttemptRef next{job.id, task.index, static_cast<int>(task.attempts.size()) + 1};
                if (!job.serial_group.empty() && !is_held) {
                    auto& group = groups.try_emplace(job.serial_group, Group{next}).first->second;
                    group.all_could_run = group.all_could_run && could_run;
                } else if (could_run) {
                    idle.push_back(next);
                }
            }
        }
    }
    for (const auto& [name, group] : groups) {
        if (group.all_could_run) idle.push_back(group.first);
    }
    return idle;
}

void Watcher::look_for_idleness(const std::set<std::string>& reachable) {
    const auto held = state_.lock();
    const memory::State& state = *held;
    auto free = room(state, machines_);
    std::erase_if(free, [&](const auto& one) { return !reachable.contains(one.first); });
    // A task that has waited for long, and does not fit, keeps a machine for itself (placement/plan.h).
    for (const auto& workflow : state.workflows) {
        for (const auto& job : workflow.jobs) {
            const auto waits_long = [&](const Task& task) {
                return task.status == TaskStatus::queued &&
                       stage_.time.now() - task.queued_at.value_or(job.created_at) > hold_after - Duration{1'000};
            };
            if (!std::ranges::any_of(job.tasks, waits_long)) continue;
            const auto need = need_of(state, workflow, job);
            std::erase_if(free, [&](const auto& one) { return !fits(need, {one}); });
        }
    }
    std::map<AttemptRef, Duration> idle;
    const auto now = stage_.time.elapsed();
    for (const auto& attempt : idle_now(state, free)) {
        const auto before = idle_since_.find(attempt);
        idle.emplace(attempt, before == idle_since_.end() ? now : before->second);
    }
    for (const auto& [attempt, since] : idle) {
        if (now - since > longest_idleness)
            found("no-idleness", "attempt " + attempt.id().text + " could run and waits beside idle capacity");
    }
    idle_since_ = std::move(idle);
}

bool Watcher::all_ended() {
    const auto state = state_.lock();
    if (!state->outbox.empty()) return false;
    return std::ranges::all_of(state->workflows, [](const Workflow& workflow) {
        return is_terminal(workflow.status) && std::ranges::all_of(workflow.jobs, [](const WorkflowJob& job) {
                   return std::ranges::all_of(job.tasks, [](const Task& task) {
                       return task.attempts.empty() || task.attempts.back().state == AttemptState::finished;
                   });
               });
    });
}

}  // namespace gyre::simulation
