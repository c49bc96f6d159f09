#include <algorithm>
#include <map>

#include "workflow/check.h"
#include "workflow/states.h"
#include "workflow/transition.h"
#include "workflow/verdict.h"

namespace gyre::workflow {
namespace {

std::string in_quotes(std::string_view name) { return "'" + std::string(name) + "'"; }

// One step from one value to the next.
class Change {
public:
    Change(const Workflow& before, const Workflow& after) : before_(before), after_(after) {}

    std::vector<Finding> take() {
        expect(before_.id == after_.id && before_.pipeline == after_.pipeline && before_.project == after_.project,
               "same-workflow", "it has become another");
        expect(before_.jobs.size() == after_.jobs.size(), "same-jobs", "it has other jobs than before");
        if (!findings_.empty()) return std::move(findings_);
        expect(after_.version == before_.version + 1, "version",
               "version " + std::to_string(before_.version) + " became " + std::to_string(after_.version));
        moves(workflow_moves, before_.status, after_.status, "it");
        for (std::size_t i = 0; i < before_.jobs.size(); ++i) job(before_.jobs[i], after_.jobs[i]);
        return std::move(findings_);
    }

private:
    void expect(bool law, const char* rule, const std::string& broken) {
        if (!law) findings_.push_back({rule, "workflow " + before_.id.text + ": " + broken});
    }
    template <typename Table, typename Status>
    void moves(const Table& table, Status from, Status to, const std::string& name) {
        expect(may_follow(table, from, to), "legal-move",
               name + " went from " + in_quotes(name_of(from)) + " to " + in_quotes(name_of(to)));
    }
    void job(const WorkflowJob& was, const WorkflowJob& is) {
        const std::string name = "job " + in_quotes(was.name);
        expect(was.id == is.id && was.name == is.name && was.requires_ == is.requires_ && was.number == is.number,
               "same-jobs", name + " has become another");
        expect(was.tasks.size() == is.tasks.size(), "same-jobs", name + " has another number of tasks");
        moves(job_moves, was.status, is.status, name);
        for (std::size_t i = 0; i < std::min(was.tasks.size(), is.tasks.size()); ++i)
            task(was.tasks[i], is.tasks[i], "task " + std::to_string(i) + " of " + name);
        if (!is_stopped(is)) return;
        for (std::size_t i = 0; i < std::min(was.tasks.size(), is.tasks.size()); ++i)
            expect(!begins(was.tasks[i], is.tasks[i]), "nothing-after-cancel",
                   "task " + std::to_string(i) + " of " + name + " begins, and is stopped");
    }
    // Is there a new attempt, or an agent that took one?
    static bool begins(const Task& was, const Task& is) {
        if (is.attempts.size() > was.attempts.size()) return true;
        return !is.attempts.empty() && is.attempts.size() == was.attempts.size() &&
               is.attempts.back().started_at != was.attempts.back().started_at;
    }
    void task(const Task& was, const Task& is, const std::string& name) {
        moves(task_moves, was.status, is.status, name);
        const bool grew = is.attempts.size() == was.attempts.size() + 1;
        expect(is.attempts.size() == was.attempts.size() || grew, "attempts-grow",
               name + " had " + std::to_string(was.attempts.size()) + " attempts and has " +
                   std::to_string(is.attempts.size()));
        if (grew)
            expect(is.attempts.back().state == AttemptState::placed, "legal-move",
                   name + ": a new attempt is " + in_quotes(name_of(is.attempts.back().state)));
        for (std::size_t i = 0; i < std::min(was.attempts.size(), is.attempts.size()); ++i) {
            const auto& [old, now] = std::pair(was.attempts[i], is.attempts[i]);
            moves(attempt_moves, old.state, now.state, name + ": attempt " + std::to_string(old.number));
            expect(old.state != AttemptState::finished || old == now, "one-end",
                   name + ": attempt " + std::to_string(old.number) + " ended twice");
        }
    }

    const Workflow& before_;
    const Workflow& after_;
    std::vector<Finding> findings_;
};

std::string text_of(const std::optional<Outcome>& outcome) {
    if (!outcome) return "none";
    return std::visit([](const auto& end) { return std::string(end.kind); }, *outcome);
}

// Where the two differ first, for people.
std::string difference(const Workflow& told, const Workflow& stored) {
    if (told.status != stored.status)
        return "its status is " + in_quotes(name_of(stored.status)) + ", the log says " +
               in_quotes(name_of(told.status));
    for (std::size_t i = 0; i < std::min(told.jobs.size(), stored.jobs.size()); ++i) {
        const auto& [a, b] = std::pair(told.jobs[i], stored.jobs[i]);
        if (a == b) continue;
        if (a.status != b.status)
            return "job " + in_quotes(b.name) + " is " + in_quotes(name_of(b.status)) + ", the log says " +
                   in_quotes(name_of(a.status));
        for (std::size_t t = 0; t < std::min(a.tasks.size(), b.tasks.size()); ++t) {
            const auto& [x, y] = std::pair(a.tasks[t], b.tasks[t]);
            if (x == y) continue;
            const auto last = [](const Task& task) {
                return task.attempts.empty() ? std::string("none") : text_of(task.attempts.back().outcome);
            };
            return "task " + std::to_string(t) + " of job " + in_quotes(b.name) + " is " +
                   in_quotes(name_of(y.status)) + " with " + std::to_string(y.attempts.size()) +
                   " attempts (last outcome: " + last(y) + "), the log says " + in_quotes(name_of(x.status)) +
                   " with " + std::to_string(x.attempts.size()) + " (" + last(x) + "), or other times";
        }
        return "job " + in_quotes(b.name) + " has other times or facts than the log says";
    }
    return "it has other times or facts than the log says";
}

std::optional<AttemptRef> ended_by(const Event& event) {
    if (const auto* finish = std::get_if<TaskFinished>(&event)) return finish->attempt;
    if (const auto* lost = std::get_if<TaskLost>(&event)) return lost->attempt;
    return std::nullopt;
}

}  // namespace

std::vector<Finding> check_change(const Workflow& before, const Workflow& after) {
    return Change(before, after).take();
}

History check_history(Workflow beginning, std::span<const LoggedEvent> events, const Workflow& stored) {
    History history;
    const auto find = [&](const char* rule, const std::string& sentence) {
        history.findings.push_back({rule, "workflow " + stored.id.text + ": " + sentence});
    };
    std::map<AttemptRef, int> ends;
    beginning.version = 1;
    for (const auto& [event, at] : events) {
        auto step = apply(beginning, event, at);
        if (step.changed.empty()) {
            find("event-counts", "a " + std::string(std::visit([](const auto& e) { return e.kind; }, event)) +
                                     " is in the log and changes nothing");
            continue;
        }
        step.next.version = beginning.version + 1;
        for (auto& finding : check_change(beginning, step.next)) history.findings.push_back(std::move(finding));
        if (const auto attempt = ended_by(event); attempt && ++ends[*attempt] > 1)
            find("one-end", "attempt " + attempt->id().text + " ended twice");
        std::erase_if(step.effects, [](const Effect& effect) { return std::holds_alternative<WakeDispatch>(effect); });
        std::ranges::move(step.effects, std::back_inserter(history.effects));
        beginning = std::move(step.next);
    }
    if (beginning != stored) find("state-is-history", difference(beginning, stored));
    return history;
}

}  // namespace gyre::workflow
