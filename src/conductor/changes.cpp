#include "conductor/changes.h"

#include <algorithm>
#include <utility>

#include "conductor/event_facts.h"
#include "workflow/serial.h"
#include "workflow/transition.h"

namespace gyre::conductor {
namespace {

constexpr int commit_tries = 5;
constexpr std::size_t most_together = 256;  // events of one transaction: others wait for its end

// An event says which job it is about, and a wish about a whole workflow not even that: with the workflow's name the
// log can be replayed (workflow/check.h).
json::value payload_of(const Event& event, const WorkflowId& workflow) {
    json::value payload = to_json(event);
    payload.as_object()["workflow"] = workflow.text;
    return payload;
}

// WakeDispatch is rung, and never stored.
bool take_wake(std::vector<Effect>& effects) {
    return std::erase_if(effects, [](const Effect& effect) { return std::holds_alternative<WakeDispatch>(effect); }) >
           0;
}

}  // namespace

std::vector<Result<void>> Changes::apply(std::span<const Event> events) {
    std::vector<Arrived> mine(events.size());
    for (std::size_t i = 0; i < events.size(); ++i) mine[i].event = &events[i];
    carry_out(mine);
    std::vector<Result<void>> answers;
    for (auto& one : mine) answers.push_back(std::move(one.answer));
    return answers;
}

Result<void> Changes::apply(const WorkflowId& workflow, const Event& event) {
    std::vector<Arrived> mine(1);
    mine[0].event = &event;
    mine[0].workflow = workflow;
    carry_out(mine);
    return std::move(mine[0].answer);
}

// Whoever comes first makes the changes of all that have arrived meanwhile.
void Changes::carry_out(std::vector<Arrived>& mine) {
    {
        const std::lock_guard lock(arriving_);
        for (auto& one : mine) arrived_.push_back(&one);
    }
    const std::lock_guard lock(changing_);
    try {
        while (!std::ranges::all_of(mine, &Arrived::answered)) carry_out_batch(next_batch());
    } catch (...) {
        withdraw(mine);
        throw;
    }
    for (const auto& one : mine) {
        if (one.defect) std::rethrow_exception(one.defect);
    }
}

void Changes::withdraw(std::span<const Arrived> mine) {
    const std::lock_guard lock(arriving_);
    std::erase_if(arrived_, [&](const Arrived* one) { return one >= mine.data() && one < mine.data() + mine.size(); });
}

Changes::Batch Changes::next_batch() {
    const std::lock_guard lock(arriving_);
    const auto end = arrived_.begin() + static_cast<std::ptrdiff_t>(std::min(arrived_.size(), most_together));
    const Batch batch(arrived_.begin(), end);
    arrived_.erase(arrived_.begin(), end);
    return batch;
}

// A defect that one event brings to light is its owner's alone, and what is not stored is not remembered.
void Changes::carry_out_batch(const Batch& batch) {
    Batch left;
    try {
        left = attempt(batch);
    } catch (const std::exception&) {
        forget_all();
        if (batch.size() == 1) batch.front()->blame(std::current_exception());
        left = batch;
    } catch (...) {  // no defect: this process ends, in a simulation
        for (Arrived* one : batch) one->settle(unavailable("the server ended"));
        throw;
    }
    for (Arrived* one : left) carry_out_alone(*one);
}

void Changes::carry_out_alone(Arrived& one) {
    try {
        for (int tries = 1; !one.answered && tries < commit_tries; ++tries) attempt({&one});
    } catch (const std::exception&) {
        forget_all();
        one.blame(std::current_exception());
    }
    if (!one.answered) one.settle(unavailable("the workflow changes too often to be written; try again"));
}

Changes::Batch Changes::attempt(const Batch& batch) {
    if (running_.size() > ports_.most_remembered) forget_all();
    Batch again;
    std::vector<Change> changes;
    Commits commits;
    for (Arrived* one : batch) {
        auto change = change_by(*one, commits);
        if (!change) one->settle(change.error());
        if (change && *change) changes.push_back(**change);
        if (change && !*change && !one->answered) again.push_back(one);
    }
    const std::size_t stored = store(changes, commits);
    for (std::size_t i = 0; i < stored; ++i) done(changes[i], commits[i]);
    for (std::size_t i = stored; i < changes.size(); ++i) {
        forget(*changes[i].arrived->workflow);
        if (!changes[i].arrived->answered) again.push_back(changes[i].arrived);
    }
    for (const Arrived* one : again) forget(*one->workflow);
    for (const Arrived* one : batch) forget_if_over(one->workflow);
    return again;
}

Result<Changes::Running*> Changes::running(Arrived& arrived) {
    if (!arrived.workflow) {
        const JobId job = job_of(*arrived.event);
        if (const auto known = workflow_of_.find(job); known != workflow_of_.end()) {
            arrived.workflow = known->second;
        } else {
            GYRE_TRY_ASSIGN(arrived.workflow, ports_.workflows.workflow_of(job));
        }
    }
    if (const auto found = running_.find(*arrived.workflow); found != running_.end()) return &found->second;
    GYRE_TRY_ASSIGN(Workflow workflow, ports_.workflows.load(*arrived.workflow));
    return &remember(std::move(workflow));
}

Result<std::optional<Changes::Change>> Changes::change_by(Arrived& arrived, Commits& commits) {
    const bool remembered =
        arrived.workflow ? running_.contains(*arrived.workflow) : workflow_of_.contains(job_of(*arrived.event));
    GYRE_TRY_ASSIGN(Running* const found, running(arrived));
    auto& [now, roster] = *found;
    const Event& event = *arrived.event;
    const auto still_possible = check_not_superseded(now, roster, event);
    if (!still_possible && remembered) return std::optional<Change>();
    GYRE_TRY(still_possible);
    const auto held = workflow::holds_of(now, roster.in_serial_groups());
    const Timestamp at = ports_.clock.now();
    const WorkflowStatus before = now.status;
    auto transition = workflow::apply(std::move(now), roster, event, at);
    now = std::move(transition.next);
    if (transition.changed.empty()) {
        if (!remembered) arrived.settle({});
        return std::optional<Change>();
    }
    Change change{.arrived = &arrived,
                  .wake = take_wake(transition.effects),
                  .remembered = remembered,
                  .new_status = now.status != before};
    Commit& commit = commits.emplace_back();
    commit.event = event_id(event, ports_.entropy);
    commit.kind = kind_of(event);
    commit.payload = payload_of(event, now.id);
    commit.at = at;
    commit.effects = std::move(transition.effects);
    // Nobody outside hears of a placement before the attempt is claimed, which is stored then.
    if (std::holds_alternative<TaskPlaced>(event)) commit.durable = Durable::with_the_next;
    auto turn = workflow::hold_change(held, workflow::holds_of(now, roster.in_serial_groups()));
    commit.holds = std::move(turn.taken);
    commit.releases = std::move(turn.released);
    commit.workflows.push_back(with_only(now, transition.changed));
    now.version += 1;
    return std::optional(change);
}

std::size_t Changes::store(const std::vector<Change>& changes, const Commits& commits) {
    if (commits.empty()) return 0;
    if (commits.size() == 1) {
        const auto committed = ports_.workflows.commit(commits.front());
        if (!committed) refuse(changes.front(), commits.front(), committed.error());
        // Somebody else was faster with the same event: load again, and see whether it is still ours to tell.
        return committed && *committed == Committed::stored ? 1 : 0;
    }
    const auto stored = ports_.workflows.commit_all(commits);
    if (stored) return *stored;
    // What can never be stored is one commit's fault: each by itself will show whose.
    if (stored.error().fault != Fault::unavailable) return 0;
    for (std::size_t i = 0; i < changes.size(); ++i) refuse(changes[i], commits[i], stored.error());
    return 0;
}

// Of what is stored now, a conflict is the serial group's that another holds: who placed looks again at the queue, and
// so at whose turn it is.
void Changes::refuse(const Change& change, const Commit& commit, const Error& error) {
    const bool conflicts = error.fault == Fault::conflict;
    if (conflicts && (change.remembered || commit.holds.empty())) return;
    change.arrived->settle(error);
    // Dispatch looks again by itself when it could not place.
    if (!conflicts && !std::holds_alternative<TaskPlaced>(*change.arrived->event)) look_at_what_may_be_stored();
}

void Changes::done(const Change& change, const Commit& commit) {
    tell(commit, change.new_status);
    if (change.wake) ports_.dispatch.ring();
    change.arrived->settle({});
}

Result<void> Changes::add(Commit commit) {
    const std::lock_guard lock(changing_);
    const auto committed = ports_.workflows.commit(commit);
    if (!committed) look_at_what_may_be_stored();
    GYRE_TRY(committed);
    if (*committed == Committed::duplicate) return {};
    tell(commit, true);
    if (running_.size() >= ports_.most_remembered) forget_all();
    for (auto& workflow : commit.workflows) {
        if (is_terminal(workflow.status)) continue;
        workflow.version += 1;
        remember(std::move(workflow));
    }
    ports_.dispatch.ring();
    return {};
}

Changes::Running& Changes::remember(Workflow workflow) {
    for (const auto& job : workflow.jobs) workflow_of_[job.id] = workflow.id;
    const WorkflowId id = workflow.id;
    workflow::Roster roster(workflow);
    return running_.insert_or_assign(id, Running{std::move(workflow), std::move(roster)}).first->second;
}

void Changes::forget(const WorkflowId& id) {
    const auto found = running_.find(id);
    if (found == running_.end()) return;
    for (const auto& job : found->second.workflow.jobs) workflow_of_.erase(job.id);
    running_.erase(found);
}

// Also of what ended on another server.
void Changes::forget_all() {
    running_.clear();
    workflow_of_.clear();
}

void Changes::forget_if_over(const std::optional<WorkflowId>& id) {
    if (!id) return;
    const auto found = running_.find(*id);
    if (found != running_.end() && is_terminal(found->second.workflow.status)) forget(*id);
}

void Changes::tell(const Commit& commit, bool of_workflows) {
    for (const auto& workflow : commit.workflows) {
        News news{.kind = NewsKind::workflow,
                  .project = workflow.project.text,
                  .pipeline = workflow.pipeline.text,
                  .workflow = workflow.id.text};
        if (of_workflows) ports_.live.publish(news);
        news.kind = NewsKind::job;
        if (workflow.version == 0) continue;  // who watches a pipeline reads all of a new workflow
        for (const auto& job : workflow.jobs) {
            news.job = job.id.text;
            ports_.live.publish(news);
        }
    }
    if (!commit.effects.empty()) ports_.outbox_has_more();
}

// The answer of a commit was lost, or it failed: if it was stored, nobody else will say that there are effects to carry
// out, and tasks to place.
void Changes::look_at_what_may_be_stored() {
    ports_.outbox_has_more();
    ports_.dispatch.ring();
}

}  // namespace gyre::conductor
