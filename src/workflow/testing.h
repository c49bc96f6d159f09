#pragma once

// For tests only: workflows drawn as text, and the verbs that move them.
//
//     World world("build -> test*2 -> deploy, lint, approve? -> deploy");   *2: two tasks, ?: an approval job, .: a
//     no-op world.succeeds("build"); EXPECT_EQ(world.status("test"), JobStatus::queued);
//
// Job ids are the names, the first build number is 1, time starts at 1,000 s and grows by one second an event.

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "workflow/start.h"
#include "workflow/transition.h"

namespace gyre::workflow::testing {

inline std::vector<std::string> split(std::string_view text, std::string_view by) {
    std::vector<std::string> parts;
    for (std::size_t begin = 0; begin <= text.size();) {
        const auto end = std::min(text.find(by, begin), text.size());
        auto part = std::string(text.substr(begin, end - begin));
        std::erase(part, ' ');
        parts.push_back(part);
        begin = end + by.size();
    }
    return parts;
}

// A plan with one workflow, "main"; every job in it has a spec of its own.
class Drawing {
public:
    explicit Drawing(std::string_view text) {
        plan_.workflows.push_back({.name = "main"});
        for (const auto& chain : split(text, ",")) {
            std::string before;
            for (const auto& node : split(chain, "->")) before = add(node, before);
        }
    }
    // `job`, which requires `required`, runs when that ended with one of these.
    Drawing& asks(std::string_view job, const std::string& required, std::vector<JobStatus> statuses) {
        planned(job).required_statuses.push_back({required, std::move(statuses)});
        return *this;
    }
    // These jobs are of a serial group; with `job_group` they hold it together.
    Drawing& in_turn(std::initializer_list<const char*> jobs, const std::string& group,
                     const std::string& job_group = {}) {
        for (const char* job : jobs) planned(job).serial_group = group, planned(job).job_group = job_group;
        return *this;
    }
    Drawing& reruns(int times) {
        plan_.workflows.front().max_auto_reruns = times;
        return *this;
    }
    PlannedJob& planned(std::string_view job) {
        return *std::ranges::find(plan_.workflows.front().jobs, job, &PlannedJob::name);
    }
    const Plan& plan() const { return plan_; }
    const PlannedWorkflow& workflow() const { return plan_.workflows.front(); }

private:
    std::string add(std::string node, const std::string& required) {
        int parallelism = 1;
        const bool approval = node.ends_with('?');
        const bool no_op = node.ends_with('.');
        if (approval || no_op) node.pop_back();
        if (const auto star = node.find('*'); star != std::string::npos) {
            parallelism = std::stoi(node.substr(star + 1));
            node.resize(star);
        }
        auto& jobs = plan_.workflows.front().jobs;
        auto found = std::ranges::find(jobs, node, &PlannedJob::name);
        if (found == jobs.end()) {
            const bool builds = !approval && !no_op;
            const int spec = builds ? static_cast<int>(plan_.jobs.size()) : -1;
            if (builds) plan_.jobs.push_back({.name = node, .parallelism = parallelism});
            const auto type = approval ? JobType::approval : no_op ? JobType::no_op : JobType::build;
            jobs.push_back({.name = node, .type = type, .spec = spec});
            found = jobs.end() - 1;
        }
        if (!required.empty()) found->requires_.push_back(required);
        return node;
    }
    Plan plan_;
};

inline Timestamp second(int n) { return Timestamp{std::chrono::seconds(1000 + n)}; }

inline std::vector<JobId> ids_like_names(const PlannedWorkflow& planned, const std::string& suffix = {}) {
    std::vector<JobId> ids;
    for (const auto& job : planned.jobs) ids.push_back({job.name + suffix});
    return ids;
}

inline Workflow started(const Drawing& drawing) {
    const auto ids = ids_like_names(drawing.workflow());
    return start(drawing.plan(), drawing.workflow(),
                 {.id = {"w"},
                  .pipeline = {"p"},
                  .project = {"r"},
                  .project_slug = "gh/o/r",
                  .started_by = "ann",
                  .at = second(0),
                  .job_ids = ids});
}

class World {
public:
    explicit World(std::string_view drawing) : World(started(Drawing(drawing))) {}
    explicit World(const Drawing& drawing) : World(started(drawing)) {}
    explicit World(Workflow workflow) : workflow_(std::move(workflow)) {}

    // Applies an event; the effects and changed jobs of the last one can be asked for.
    void happens(const Event& event) {
        last_ = apply(workflow_, event, second(++seconds_));
        EXPECT_EQ(last_.changed.empty(), last_.next == workflow_);
        workflow_ = last_.next;
    }
    void places(std::string_view job, int task = 0) { happens(TaskPlaced{next(job, task), "local"}); }
    void claims(std::string_view job, int task = 0, std::string token = "t") {
        happens(TaskClaimed{live(job, task), std::move(token)});
    }
    void runs(std::string_view job, int task = 0, std::string token = "t") {
        places(job, task), claims(job, task, std::move(token));
    }
    void finishes(std::string_view job, Outcome outcome, int task = 0) {
        happens(TaskFinished{live(job, task), std::move(outcome)});
    }
    void loses(std::string_view job, int task = 0) { happens(TaskLost{live(job, task), "machine gone"}); }
    void ends(std::string_view job, const Outcome& outcome) {
        for (const auto& task : this->job(job).tasks) runs(job, task.index), finishes(job, outcome, task.index);
    }
    void succeeds(std::string_view job) { ends(job, Succeeded{}); }
    void fails(std::string_view job) { ends(job, Failed{"step 'make' exited with code 1"}); }
    void refuses(std::string_view job) {
        happens(ContextsRefused{this->job(job).id, "context 'prod' is for ann only"});
    }
    void approves(std::string_view job) { happens(ApproveAsked{this->job(job).id, "bob"}); }
    void cancels(std::string_view job) { happens(CancelAsked{this->job(job).id, "bob"}); }
    void cancels_everything() { happens(CancelAsked{std::nullopt, "bob"}); }

    AttemptRef next(std::string_view name, int task = 0) const { return attempt(name, task, 1); }
    AttemptRef live(std::string_view name, int task = 0) const { return attempt(name, task, 0); }

    const Workflow& workflow() const { return workflow_; }
    WorkflowStatus status() const { return workflow_.status; }
    const WorkflowJob& job(std::string_view name) const {
        return *std::ranges::find(workflow_.jobs, name, &WorkflowJob::name);
    }
    JobStatus status(std::string_view name) const { return job(name).status; }
    const Task& task(std::string_view name, int index = 0) const {
        return job(name).tasks.at(static_cast<std::size_t>(index));
    }
    const std::vector<Effect>& effects() const { return last_.effects; }
    std::vector<std::string> changed() const {
        std::vector<std::string> names;
        for (const auto position : last_.changed) names.push_back(workflow_.jobs[position].name);
        return names;
    }
    bool nothing_changed() const { return last_.changed.empty() && last_.effects.empty(); }

private:
    AttemptRef attempt(std::string_view name, int index, int more) const {
        const int made = index < std::ssize(job(name).tasks) ? static_cast<int>(task(name, index).attempts.size()) : 0;
        return {job(name).id, index, made + more};
    }
    Workflow workflow_;
    Transition last_;
    int seconds_ = 0;
};

}  // namespace gyre::workflow::testing
