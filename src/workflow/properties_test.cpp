// Safety properties of apply() over random workflows and random histories, most of whose events are stale, repeated,
// or about things that do not exist. A failing case prints the seed: RC_PARAMS="reproduce=..." runs it again.

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <random>
#include <set>

#include "model/again.h"
#include "workflow/rerun.h"
#include "workflow/retry.h"
#include "workflow/rollup.h"
#include "workflow/serial.h"
#include "workflow/start.h"
#include "workflow/states.h"
#include "workflow/transition.h"

namespace gyre::workflow {
namespace {

// --- random worlds --------------------------------------------------------------------------------------------------

std::mt19937* fixed_dice = nullptr;  // set: draws are not rapidcheck's, and the same each time

int draw(int from, int to) {
    if (fixed_dice) return from + static_cast<int>((*fixed_dice)() % static_cast<unsigned>(to - from + 1));
    return *rc::gen::inRange(from, to + 1);
}

std::vector<JobStatus> any_ends() {
    std::vector<JobStatus> statuses;
    for (const auto& [status, name] : enum_names(JobStatus{})) {
        if (is_terminal(status) && draw(0, 2) == 0) statuses.push_back(status);
    }
    return statuses;
}

// Requirements point to lower ranks only; ranks are shuffled, so they point both ways in the list.
Workflow any_workflow() {
    const int count = draw(1, 7);
    Plan plan;
    std::vector<PlannedJob> jobs;
    std::vector<JobId> ids;
    for (int rank = 0; rank < count; ++rank) {
        PlannedJob job{.name = "j" + std::to_string(rank), .spec = rank};
        plan.jobs.push_back({.name = job.name, .parallelism = draw(1, 3)});
        if (draw(0, 4) == 0) job.type = JobType::approval, job.spec = -1;
        if (draw(0, 9) == 0) job.type = JobType::no_op, job.spec = -1;
        if (job.type == JobType::build && draw(0, 14) == 0) job.unavailable = "no agent has a Mac";
        for (int before = 0; before < rank; ++before) {
            if (draw(0, 2) != 0) continue;
            job.requires_.push_back("j" + std::to_string(before));
            if (draw(0, 2) == 0) job.required_statuses.push_back({job.requires_.back(), any_ends()});
        }
        if (draw(0, 3) == 0) job.serial_group = draw(0, 1) == 0 ? "deploy" : "release";
        if (job.serial_group == "release" && draw(0, 1) == 0) job.job_group = "together";
        jobs.insert(jobs.begin() + draw(0, rank), job);
    }
    for (const auto& job : jobs) ids.push_back({job.name});
    plan.workflows.push_back({"main", jobs, draw(0, 2)});
    return start(plan, plan.workflows[0], {.id = {"w"}, .project_slug = "git/r", .job_ids = ids});
}

Outcome any_outcome() {
    switch (draw(0, 6)) {
        case 0:
            return Failed{"red"};
        case 1:
            return TimedOut{"slow"};
        case 2:
            return Canceled{};
        case 3:
            return InfrastructureFailed{"disk", true};
        case 4:
            return InfrastructureFailed{"engine", false};
        case 5:
            return InfrastructureFailed{"restored", true, false};
        default:
            return Succeeded{};
    }
}

const WorkflowJob& any_job(const Workflow& workflow) {
    return workflow.jobs[static_cast<std::size_t>(draw(0, static_cast<int>(workflow.jobs.size()) - 1))];
}

// The attempt that would matter, or one beside it.
AttemptRef any_attempt(const WorkflowJob& job) {
    AttemptRef ref{job.id, draw(-1, 9) % 3, 0};
    if (ref.task >= 0 && ref.task < std::ssize(job.tasks)) {
        ref.attempt = static_cast<int>(job.tasks[static_cast<std::size_t>(ref.task)].attempts.size());
    }
    ref.attempt += draw(-1, 2);
    return ref;
}

Event any_event(const Workflow& workflow) {
    const auto& job = any_job(workflow);
    switch (draw(0, 19)) {
        case 0:
            return CancelAsked{job.id, "ann"};
        case 1:
            return draw(0, 4) == 0 ? CancelAsked{std::nullopt, "ann"} : CancelAsked{JobId{"nobody"}, "ann"};
        case 2:
        case 3:
            return ApproveAsked{job.id, "ann"};
        case 4:
            return TaskLost{any_attempt(job), "gone"};
        case 5:
            return TaskPlaced{{{"nobody"}, 0, 1}, "local"};
        case 6:
            return ContextsRefused{draw(0, 4) == 0 ? JobId{"nobody"} : job.id, "not for you"};
        default:
            break;
    }
    switch (draw(0, 2)) {
        case 0:
            return TaskPlaced{any_attempt(job), "local"};
        case 1:
            return TaskClaimed{any_attempt(job), "token" + std::to_string(draw(0, 3))};
        default:
            return TaskFinished{any_attempt(job), any_outcome()};
    }
}

// The events that move the workflow, as dispatch, agents and people would send them now.
std::vector<Event> useful_events(const Workflow& workflow) {
    std::vector<Event> events;
    for (const auto& job : workflow.jobs) {
        if (job.status == JobStatus::on_hold) events.push_back(ApproveAsked{job.id, "ann"});
        for (const auto& task : job.tasks) {
            const AttemptRef live{job.id, task.index, static_cast<int>(task.attempts.size())};
            if (task.status == TaskStatus::queued)
                events.push_back(TaskPlaced{{job.id, task.index, live.attempt + 1}, "local"});
            if (task.status == TaskStatus::placed) events.push_back(TaskClaimed{live, "token"});
            if (task.status == TaskStatus::running) events.push_back(TaskFinished{live, any_outcome()});
        }
    }
    return events;
}

Event next_event(const Workflow& workflow) {
    const auto useful = useful_events(workflow);
    if (useful.empty() || draw(0, 2) == 0) return any_event(workflow);
    return useful[static_cast<std::size_t>(draw(0, static_cast<int>(useful.size()) - 1))];
}

// Time goes on, with jumps back.
Timestamp any_time(int step) { return Timestamp{std::chrono::seconds(step + draw(-3, 0))}; }

struct Moment {
    Workflow before;
    Event event;
    Timestamp at;
    Transition transition;
};

std::vector<Moment> any_history(int events = 40) {
    std::vector<Moment> history;
    Workflow now = any_workflow();
    for (int i = 0; i < events; ++i) {
        Moment moment{now, next_event(now), any_time(i), {}};
        moment.transition = apply(moment.before, moment.event, moment.at);
        now = moment.transition.next;
        history.push_back(std::move(moment));
    }
    return history;
}

template <typename EffectKind>
int count(const std::vector<Effect>& effects) {
    return static_cast<int>(
        std::ranges::count_if(effects, [](auto& each) { return std::holds_alternative<EffectKind>(each); }));
}

bool is_live(const Attempt& attempt) { return attempt.state != AttemptState::finished; }

// --- what one workflow must look like at any moment
// -------------------------------------------------------------------

void check_task(const WorkflowJob& job, const Task& task) {
    for (std::size_t i = 0; i < task.attempts.size(); ++i) {
        const auto& attempt = task.attempts[i];
        RC_ASSERT(attempt.number == static_cast<int>(i) + 1);
        RC_ASSERT((!is_live(attempt) || i + 1 == task.attempts.size()));  // never two live attempts
        RC_ASSERT(is_live(attempt) == !attempt.outcome.has_value());
        RC_ASSERT(is_live(attempt) == !attempt.stopped_at.has_value());
        RC_ASSERT((!attempt.stopped_at || *attempt.stopped_at >= attempt.placed_at));
        RC_ASSERT((!attempt.started_at || *attempt.started_at >= attempt.placed_at));
    }
    RC_ASSERT((attempts_that_count(task) <= max_infrastructure_retries + 1));
    const bool live = !task.attempts.empty() && is_live(task.attempts.back());
    if (task.status == TaskStatus::placed) RC_ASSERT((live && task.attempts.back().state == AttemptState::placed));
    if (task.status == TaskStatus::running) RC_ASSERT((live && task.attempts.back().state == AttemptState::running));
    if (task.status == TaskStatus::queued || task.status == TaskStatus::waiting) RC_ASSERT(!live);
    RC_ASSERT(task.ready_at.has_value() == (task.status == TaskStatus::queued && !task.attempts.empty()));
    if (task.ready_at) RC_ASSERT(*task.ready_at == *task.queued_at + retry_wait(attempts_that_count(task)));
    if (live && task.status == TaskStatus::finished)  // being stopped
        RC_ASSERT((job.status == JobStatus::canceled || job.status == JobStatus::unauthorized));
}

void check_job(const WorkflowJob& job) {
    for (const auto& task : job.tasks) check_task(job, task);
    const auto all = [&](auto... wanted) {
        return std::ranges::all_of(job.tasks, [&](auto& task) { return ((task.status == wanted) || ...); });
    };
    if (is_terminal(job.status)) RC_ASSERT(all(TaskStatus::finished));
    if (job.status == JobStatus::blocked) RC_ASSERT(all(TaskStatus::waiting));
    if (job.status == JobStatus::queued) RC_ASSERT(all(TaskStatus::queued));
    if (job.status == JobStatus::running) RC_ASSERT((!all(TaskStatus::finished) && !job.tasks.empty()));
    if (job.status == JobStatus::success && job.type == JobType::build) RC_ASSERT(job.started_at.has_value());
    if (job.type == JobType::no_op)
        RC_ASSERT((job.tasks.empty() && (is_terminal(job.status) || job.status == JobStatus::blocked)));
    if (!job.unavailable.empty()) RC_ASSERT((is_terminal(job.status) || job.status == JobStatus::blocked));
    RC_ASSERT(is_terminal(job.status) == job.stopped_at.has_value());
    RC_ASSERT((!job.stopped_at || *job.stopped_at >= job.started_at.value_or(job.created_at)));
    RC_ASSERT((job.status == JobStatus::success) <= job.reason.empty());
}

void check(const Workflow& workflow) {
    for (const auto& job : workflow.jobs) {
        check_job(job);
        bool met = true;
        bool doomed = false;
        for (const auto required : job.requires_) {
            const auto status = workflow.jobs[required].status;
            const auto asked = std::ranges::find(job.required_ends, required, &RequiredEnd::job);
            const bool fits = asked == job.required_ends.end()
                                  ? status == JobStatus::success
                                  : std::ranges::find(asked->statuses, status) != asked->statuses.end();
            met = met && fits;
            doomed = doomed || (is_terminal(status) && !fits);
        }
        if (job.status == JobStatus::blocked) RC_ASSERT((!met && !doomed));
        if (!is_terminal(job.status) && job.status != JobStatus::blocked) RC_ASSERT(met);
        if (job.queued_at && !job.kept_from) RC_ASSERT(met);  // it only ever began as it asked
    }
    RC_ASSERT(workflow.status == rollup(workflow));
    RC_ASSERT(is_terminal(workflow.status) == workflow.stopped_at.has_value());
    RC_ASSERT(is_terminal(workflow.status) ==
              std::ranges::all_of(workflow.jobs, [](auto& job) { return is_terminal(job.status); }));
}

// --- properties
// -------------------------------------------------------------------------------------------------------

RC_GTEST_PROP(Apply, keeps_the_workflow_whole_at_every_moment, ()) {
    for (const auto& moment : any_history()) check(moment.transition.next);
}

RC_GTEST_PROP(Apply, of_an_event_twice_is_once, ()) {
    for (const auto& moment : any_history()) {
        const auto repeated = apply(moment.transition.next, moment.event, moment.at + Duration{500});
        RC_ASSERT(repeated.next == moment.transition.next);
        RC_ASSERT((repeated.changed.empty() && repeated.effects.empty()));
    }
}

RC_GTEST_PROP(Apply, of_an_event_that_counted_once_never_counts_again, ()) {
    const auto history = any_history();
    for (const auto& moment : history) {
        if (moment.transition.changed.empty()) continue;
        const auto late = apply(history.back().transition.next, moment.event, moment.at);
        RC_ASSERT((late.changed.empty() && late.effects.empty()));
    }
}

RC_GTEST_PROP(Apply, names_exactly_the_jobs_that_differ, ()) {
    for (const auto& [before, event, at, transition] : any_history()) {
        std::vector<std::size_t> differing;
        for (std::size_t i = 0; i < before.jobs.size(); ++i) {
            if (!(before.jobs[i] == transition.next.jobs[i])) differing.push_back(i);
        }
        RC_ASSERT(transition.changed == differing);
        RC_ASSERT(transition.changed.empty() == (before == transition.next));
        if (transition.changed.empty()) RC_ASSERT(transition.effects.empty());
    }
}

RC_GTEST_PROP(Apply, replayed_gives_the_same_workflow, ()) {
    const auto history = any_history();
    Workflow again = history.front().before;
    for (const auto& moment : history) again = apply(std::move(again), moment.event, moment.at).next;
    RC_ASSERT(again == history.back().transition.next);
}

RC_GTEST_PROP(Apply, with_the_roster_that_it_keeps_does_the_same, ()) {
    const auto history = any_history();
    Workflow workflow = history.front().before;
    Roster roster(workflow);
    for (const auto& moment : history) {
        auto [next, changed, effects] = apply(std::move(workflow), roster, moment.event, moment.at);
        RC_ASSERT(next == moment.transition.next);
        RC_ASSERT((changed == moment.transition.changed && effects == moment.transition.effects));
        RC_ASSERT(roster.tally().status(!next.canceled_by.empty()) == rollup(next));
        RC_ASSERT(holds_of(next, roster.in_serial_groups()) == holds_of(next));
        workflow = std::move(next);
    }
}

RC_GTEST_PROP(Apply, tells_of_every_end_exactly_once, ()) {
    std::map<JobId, int> ended;
    int workflow_ended = 0;
    const auto history = any_history();
    for (const auto& moment : history) {
        for (const auto& effect : moment.transition.effects) {
            if (const auto* job = std::get_if<JobEnded>(&effect)) ++ended[job->job];
        }
        workflow_ended += count<WorkflowEnded>(moment.transition.effects);
    }
    const auto& last = history.back().transition.next;
    for (const auto& effect : first_effects(history.front().before)) {
        if (const auto* job = std::get_if<JobEnded>(&effect)) ++ended[job->job];
    }
    workflow_ended += count<WorkflowEnded>(first_effects(history.front().before));
    for (const auto& job : last.jobs) RC_ASSERT(ended[job.id] == (is_terminal(job.status) ? 1 : 0));
    RC_ASSERT(workflow_ended == (is_terminal(last.status) ? 1 : 0));
}

RC_GTEST_PROP(Apply, asks_for_a_rerun_exactly_when_a_workflow_fails_that_has_some_left, ()) {
    const auto history = any_history();
    int asked = 0;
    for (const auto& moment : history) asked += count<AutoRerun>(moment.transition.effects);
    const bool failed_at_once = is_terminal(history.front().before.status);
    RC_ASSERT(asked == (reruns_by_itself(history.back().transition.next) && !failed_at_once ? 1 : 0));
}

// What the stores keep: each event's change of holds, one after another, is what the fold says in the end; and whoever
// has a machine holds its group.
RC_GTEST_PROP(Serial, holds_follow_the_events_and_cover_every_live_attempt, ()) {
    std::set<std::pair<std::string, std::string>> held;
    for (const auto& [before, event, at, transition] : any_history()) {
        const auto change = hold_change(holds_of(before), holds_of(transition.next));
        for (const auto& hold : change.released) RC_ASSERT(held.erase({hold.group, hold.holder}) == 1);
        for (const auto& hold : change.taken) RC_ASSERT(held.insert({hold.group, hold.holder}).second);
        if (!change.taken.empty()) RC_ASSERT(std::holds_alternative<TaskPlaced>(event));
        RC_ASSERT(change.taken.size() <= 1);
        std::set<std::pair<std::string, std::string>> now;
        for (const auto& hold : holds_of(transition.next)) now.insert({hold.group, hold.holder});
        RC_ASSERT(held == now);
        for (const auto& job : transition.next.jobs) {
            for (const auto& task : job.tasks) {
                if (job.serial_group.empty() || task.attempts.empty() || !is_live(task.attempts.back())) continue;
                RC_ASSERT(held.contains({job.serial_group, holder_of(transition.next, job)}));
            }
        }
    }
}

RC_GTEST_PROP(Apply, after_a_cancel_only_stops_ends_and_frees_room, ()) {
    auto now = any_history().back().transition.next;
    auto canceled = apply(now, CancelAsked{std::nullopt, "ann"}, any_time(50));
    int live = 0;
    for (const auto& job : now.jobs) {
        for (const auto& task : job.tasks)
            live += task.status == TaskStatus::placed || task.status == TaskStatus::running;
    }
    RC_ASSERT(count<StopAttempt>(canceled.effects) == live);
    RC_ASSERT(is_terminal(canceled.next.status));
    for (int i = 0; i < 20; ++i) {
        const auto later = apply(canceled.next, any_event(canceled.next), any_time(60 + i));
        RC_ASSERT(std::ssize(later.effects) == count<WakeDispatch>(later.effects));
        RC_ASSERT(later.next.status == canceled.next.status);
        for (std::size_t job = 0; job < later.next.jobs.size(); ++job) {
            RC_ASSERT(later.next.jobs[job].status == canceled.next.jobs[job].status);
            for (std::size_t task = 0; task < later.next.jobs[job].tasks.size(); ++task) {
                RC_ASSERT(later.next.jobs[job].tasks[task].attempts.size() ==
                          canceled.next.jobs[job].tasks[task].attempts.size());
            }
        }
        canceled.next = later.next;
    }
}

RC_GTEST_PROP(Apply, wakes_dispatch_whenever_a_task_is_queued, ()) {
    const auto queued = [](const Workflow& workflow) {
        std::set<AttemptRef> refs;
        for (const auto& job : workflow.jobs) {
            for (const auto& task : job.tasks) {
                if (task.status == TaskStatus::queued)
                    refs.insert({job.id, task.index, static_cast<int>(task.attempts.size())});
            }
        }
        return refs;
    };
    for (const auto& moment : any_history()) {
        const auto before = queued(moment.before);
        const auto after = queued(moment.transition.next);
        if (!std::ranges::includes(before, after)) RC_ASSERT(count<WakeDispatch>(moment.transition.effects) == 1);
    }
}

template <typename Status, std::size_t N>
void check_move(const std::array<Move<Status>, N>& moves, Status from, Status to) {
    if (!may_follow(moves, from, to)) RC_FAIL(std::string(name_of(from)) + " became " + std::string(name_of(to)));
}

void check_moves(const Workflow& before, const Workflow& after) {
    check_move(workflow_moves, before.status, after.status);
    for (std::size_t j = 0; j < before.jobs.size(); ++j) {
        check_move(job_moves, before.jobs[j].status, after.jobs[j].status);
        for (std::size_t t = 0; t < before.jobs[j].tasks.size(); ++t) {
            const auto& old = before.jobs[j].tasks[t];
            const auto& now = after.jobs[j].tasks[t];
            check_move(task_moves, old.status, now.status);
            RC_ASSERT(now.attempts.size() >= old.attempts.size());
            for (std::size_t a = 0; a < old.attempts.size(); ++a) {
                check_move(attempt_moves, old.attempts[a].state, now.attempts[a].state);
            }
        }
    }
}

RC_GTEST_PROP(Apply, makes_only_the_moves_in_the_tables, ()) {
    for (const auto& moment : any_history()) check_moves(moment.before, moment.transition.next);
}

// The tables in states.h promise no move that never happens.
TEST(Apply, makes_every_move_in_the_tables) {
    std::mt19937 dice(7);
    fixed_dice = &dice;
    std::set<std::pair<WorkflowStatus, WorkflowStatus>> workflows;
    std::set<std::pair<JobStatus, JobStatus>> jobs;
    std::set<std::pair<TaskStatus, TaskStatus>> tasks;
    for (int i = 0; i < 1'000; ++i) {
        for (const auto& [before, event, at, transition] : any_history(60)) {
            workflows.emplace(before.status, transition.next.status);
            for (const std::size_t j : transition.changed) {
                jobs.emplace(before.jobs[j].status, transition.next.jobs[j].status);
                for (std::size_t t = 0; t < before.jobs[j].tasks.size(); ++t) {
                    tasks.emplace(before.jobs[j].tasks[t].status, transition.next.jobs[j].tasks[t].status);
                }
            }
        }
    }
    fixed_dice = nullptr;
    const auto expect_seen = [](const auto& moves, const auto& seen) {
        for (const auto& [from, to, on] : moves) {
            EXPECT_TRUE(seen.contains({from, to})) << name_of(from) << " -> " << name_of(to);
        }
    };
    expect_seen(workflow_moves, workflows);
    expect_seen(job_moves, jobs);
    expect_seen(task_moves, tasks);
}

RC_GTEST_PROP(Apply, never_gets_stuck, ()) {
    auto now = any_history(draw(1, 40)).back().transition.next;
    for (int step = 0; !is_terminal(now.status); ++step) {
        const auto possible = useful_events(now);
        RC_ASSERT(!possible.empty());
        RC_ASSERT(step < 500);
        const auto moved =
            apply(now, possible[static_cast<std::size_t>(draw(0, static_cast<int>(possible.size()) - 1))],
                  any_time(100 + step));
        RC_ASSERT(!moved.changed.empty());
        now = moved.next;
    }
}

RC_GTEST_PROP(Rerun, makes_a_whole_workflow_that_can_go_on, ()) {
    auto old = any_history().back().transition.next;
    old = apply(std::move(old), CancelAsked{std::nullopt, "ann"}, any_time(50)).next;
    std::vector<JobId> ids;
    for (const auto& job : old.jobs) ids.push_back({job.id.text + "'"});
    const std::vector<JobId> chosen{any_job(old).id};
    const auto kind = static_cast<RerunKind>(draw(0, 2));
    const auto made = rerun(old, kind, {.id = {"w'"}, .at = any_time(60), .job_ids = ids, .first_number = 50}, chosen);
    if (!made) RC_DISCARD("nothing failed");
    check(*made);
    RC_ASSERT(made->rerun_of == old.id);
    RC_ASSERT(is_terminal(made->status) == useful_events(*made).empty());
    const auto together = [](const WorkflowJob& job) { return !job.job_group.empty(); };
    const auto runs = [](const WorkflowJob& job) { return !job.kept_from && !is_terminal(job.status); };
    for (const auto& job : made->jobs)  // no success of a serial job-group is kept while another job of it runs again
        if (together(job) && runs(job))
            RC_ASSERT(std::ranges::none_of(made->jobs, [&](auto& each) { return together(each) && each.kept_from; }));
    for (std::size_t i = 0; i < made->jobs.size(); ++i)  // nothing is kept whose ground may change
        for (const auto required : made->jobs[i].requires_)
            if (made->jobs[i].kept_from) RC_ASSERT((kind == RerunKind::jobs || made->jobs[required].number < 50));
    std::set<std::int64_t> numbers;
    for (const auto& job : made->jobs) {
        if (job.type == JobType::build && job.number >= 50) RC_ASSERT(numbers.insert(job.number).second);
    }
}

}  // namespace
}  // namespace gyre::workflow
