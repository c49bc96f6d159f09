#include "simulation/watcher.h"

#include <algorithm>

#include "base/json.h"
#include "placement/needs.h"

// What is seen while it happens. What is looked at in the end: watcher_end.cpp.

namespace gyre::simulation {
namespace {

constexpr std::size_t most_findings = 20;
constexpr Duration longest_idleness{1'000};

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
    if (kind == TaskPlaced::kind) check_capacity(state);
}

void Watcher::check_capacity(const memory::State& state) {
    for (const auto& [machine, left] : room(state, machines_)) {
        if (left.millicpus >= 0 && left.memory_mb >= 0) continue;
        found("within-capacity", "machine " + machine + " was given more than it has");
    }
}

void Watcher::carried_out(const Effect& effect) { effects_.insert(to_json_text(effect)); }

void Watcher::accepted(const Trigger& trigger, const PipelineId& pipeline) {
    const auto [known, fresh] = triggers_.try_emplace(trigger.id, pipeline);
    if (!fresh && known->second != pipeline)
        found("trigger-once", "trigger " + trigger.id.text + " made two pipelines");
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

void Watcher::output_acknowledged(const AttemptRef& attempt, int step, std::int64_t length) {
    auto& known = output_[{attempt, step}];
    known = std::max(known, length);
}

void Watcher::output_refused(const AttemptRef& attempt, int step, const std::string& why) {
    found("output-taken", "output of step " + std::to_string(step) + " of attempt " + attempt.id().text + ": " + why);
}

void Watcher::look_for_idleness(const std::set<std::string>& reachable) {
    std::map<AttemptRef, Duration> idle;
    const auto held = state_.lock();
    const memory::State& state = *held;
    auto free = room(state, machines_);
    std::erase_if(free, [&](const auto& one) { return !reachable.contains(one.first); });
    const auto now = stage_.time.elapsed();
    for (const auto& workflow : state.workflows) {
        if (is_terminal(workflow.status)) continue;
        for (const auto& job : workflow.jobs) {
            if (!job.serial_group.empty()) continue;  // may wait for another
            for (const auto& task : job.tasks) {
                if (task.status != TaskStatus::queued || task.ready_at > stage_.time.now()) continue;
                const auto need = need_of(state, workflow, job);
                const bool fits = std::ranges::any_of(free, [&](const auto& machine) {
                    return charge(need, machine.first, machines_.at(machine.first)).fits_in(machine.second);
                });
                if (!fits) continue;
                const AttemptRef next{job.id, task.index, static_cast<int>(task.attempts.size()) + 1};
                const auto before = idle_since_.find(next);
                idle.emplace(next, before == idle_since_.end() ? now : before->second);
            }
        }
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
