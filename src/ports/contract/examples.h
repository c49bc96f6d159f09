#pragma once

// Things to store, and a fixture that stores them.

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <vector>

#include "model/event.h"
#include "model/pipeline.h"
#include "model/project.h"
#include "model/workflow.h"
#include "ports/workflow_store.h"

namespace gyre::contract {

inline Timestamp at(std::int64_t second) { return from_millis(1'700'000'000'000 + second * 1000); }

inline AttemptRef attempt_of(const Workflow& workflow, std::size_t job, int task = 0, int attempt = 1) {
    return {workflow.jobs.at(job).id, task, attempt};
}

template <typename T>
void expect_fault(const Result<T>& result, Fault fault) {
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().fault, fault) << result.error().message;
}

// An empty world, and short ways to fill it. Ids are p1, w2, ...; each thing is newer than the one before.
template <typename World>
class StoresContract : public testing::Test {
protected:
    Project make_project(const std::string& slug = "git/shop") {
        Project project{.id = {"project-" + slug.substr(4)}, .slug = slug, .remote = "/srv/" + slug};
        project.default_branch = "main";
        project.created_at = at(0);
        EXPECT_TRUE(world_.stores.project_store().add(project).ok());
        return project;
    }

    // Two job specs: docker of the default class, machine of class large.
    Pipeline new_pipeline(const Project& project, const std::string& branch = "main") {
        const auto number = ++made_;
        Pipeline pipeline{.id = {"p" + std::to_string(number)}, .project = project.id, .number = number};
        pipeline.trigger = {.id = {"delivery-" + std::to_string(number)}, .project = project.id, .branch = branch};
        pipeline.trigger.revision = std::string(40, 'a');
        pipeline.config_source = "version: 2\n";
        pipeline.plan.jobs = {{.name = "small", .executor = DockerExecutor{{{.image = "debian:12"}}}},
                              {.name = "big", .executor = MachineExecutor{}, .resource_class = "large"}};
        pipeline.created_at = pipeline.updated_at = at(number);
        return pipeline;
    }
    Pipeline make_pipeline(const Project& project, const std::string& branch = "main") {
        auto pipeline = new_pipeline(project, branch);
        Commit commit = next_commit();
        commit.pipeline = pipeline;
        EXPECT_EQ(this->commit(commit), Committed::stored);
        return pipeline;
    }

    // Jobs of two queued tasks each, queued at the workflow's creation.
    Workflow new_workflow(const Pipeline& pipeline, std::initializer_list<const char*> names) {
        const auto number = ++made_;
        Workflow workflow{.id = {"w" + std::to_string(number)}, .pipeline = pipeline.id, .project = pipeline.project};
        workflow.workspace = workflow.id;
        workflow.name = "main";
        workflow.created_at = at(number);
        for (const auto* name : names) {
            WorkflowJob job{.id = {workflow.id.text + "-" + name}, .name = name, .number = ++last_build_, .spec = 0};
            job.status = JobStatus::queued;
            job.created_at = workflow.created_at;
            job.queued_at = at(number);
            for (int task = 0; task < 2; ++task) {
                job.tasks.push_back({.index = task, .status = TaskStatus::queued, .queued_at = at(number)});
            }
            workflow.jobs.push_back(job);
        }
        return workflow;
    }
    // As loaded.
    Workflow make_workflow(const Pipeline& pipeline, std::initializer_list<const char*> names) {
        const auto workflow = new_workflow(pipeline, names);
        EXPECT_EQ(store(workflow, {}), Committed::stored);
        return load(workflow.id);
    }
    Workflow make_workflow(std::initializer_list<const char*> names) {
        return make_workflow(make_pipeline(make_project()), names);
    }

    static void place(Workflow& workflow, std::size_t job, int task, const std::string& client = "here") {
        auto& placed = workflow.jobs.at(job).tasks.at(static_cast<std::size_t>(task));
        placed.status = TaskStatus::placed;
        const int number = static_cast<int>(placed.attempts.size()) + 1;
        placed.attempts.push_back({.number = number, .client = client, .placed_at = at(100 + number)});
    }
    static void claim(Workflow& workflow, std::size_t job, int task) {
        auto& claimed = workflow.jobs.at(job).tasks.at(static_cast<std::size_t>(task));
        claimed.status = TaskStatus::running;
        claimed.attempts.back().state = AttemptState::running;
        claimed.attempts.back().token_hash = std::string(64, 'f');
        claimed.attempts.back().started_at = at(200);
    }
    static void finish_attempt(Workflow& workflow, std::size_t job, int task, const Outcome& outcome) {
        auto& attempt = workflow.jobs.at(job).tasks.at(static_cast<std::size_t>(task)).attempts.back();
        attempt.state = AttemptState::finished;
        attempt.stopped_at = at(300);
        attempt.outcome = outcome;
    }
    static void end(Workflow& workflow, WorkflowStatus status) {
        workflow.status = status;
        workflow.stopped_at = at(400);
    }

    Commit next_commit() {
        const auto number = std::to_string(++events_);
        return {.event = {"event-" + number}, .kind = "test", .payload = {{"number", number}}, .at = at(events_)};
    }
    Committed commit(const Commit& commit) {
        const auto committed = world_.stores.workflow_store().commit(commit);
        EXPECT_TRUE(committed.ok()) << committed.error().message;
        return committed.value_or(Committed::duplicate);
    }
    // A new workflow whole, of another the named jobs.
    Committed store(Workflow workflow, const std::vector<std::size_t>& changed, std::vector<Effect> effects = {}) {
        Commit commit = next_commit();
        commit.workflows = {workflow.version == 0 ? workflow : with_only(workflow, changed)};
        commit.effects = std::move(effects);
        return this->commit(commit);
    }
    Workflow load(const WorkflowId& id) {
        const auto workflow = world_.stores.workflow_store().load(id);
        EXPECT_TRUE(workflow.ok()) << workflow.error().message;
        return workflow.value_or({});
    }

    World world_;

private:
    std::int64_t made_ = 0;
    std::int64_t last_build_ = 0;
    int events_ = 0;
};

}  // namespace gyre::contract
