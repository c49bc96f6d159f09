#pragma once

// For conductor's tests: a project, a remote whose config is set by hand, and the conductor on the adapters that the
// test names. Knows none itself.

#include <gtest/gtest.h>

#include "conductor/conductor.h"
#include "conductor/effect_loop.h"

namespace gyre::conductor {

inline constexpr const char* two_jobs = R"(
version: 2
jobs:
  build: {docker: [{image: "debian:12"}], steps: [{run: make}]}
  test: {docker: [{image: "debian:12"}], steps: [{run: make test}]}
workflows:
  version: 2
  main: {jobs: [build, test: {requires: [build]}]}
)";

class FakeGit final : public GitRemote {
public:
    Result<std::map<std::string, std::string>> list_refs(const ProjectRemote&) override {
        return std::map<std::string, std::string>{};
    }
    Result<CommitFiles> read_config(const ProjectRemote&, const std::string&, const std::string&) override {
        if (away) return unavailable("git fetch: no route to host");
        if (config.empty()) return not_found("there is no .circleci/config.yml in commit abc");
        return CommitFiles{.commit = {.subject = subject}, .config = config};
    }
    std::string config = two_jobs;
    std::string subject = "Subject";
    bool away = false;
};

class CountingBell final : public DispatchBell {
public:
    void ring() override { ++rings; }
    int rings = 0;
};

template <typename Stores, typename LiveNews, typename HandClock>
class World : public testing::Test {
protected:
    World() {
        EXPECT_TRUE(stores.project_store().add({.id = {"p"}, .slug = "git/app", .remote = "/srv/app.git"}).ok());
    }

    Trigger push(const std::string& id = "push-1") const {
        return {.id = {id},
                .project = {"p"},
                .kind = TriggerKind::webhook,
                .branch = "main",
                .revision = std::string(40, 'a')};
    }
    Workflow started() {
        const auto pipeline = conductor.trigger(push());
        EXPECT_TRUE(pipeline.ok());
        return workflow_of(*pipeline);
    }
    Workflow workflow_of(const PipelineId& pipeline) {
        return stores.workflow_store().load(stores.pipeline_reads().workflows_of(pipeline)->at(0)).value();
    }
    Workflow now(const Workflow& workflow) { return stores.workflow_store().load(workflow.id).value(); }
    // What the loop of effects does, once.
    void carry_out_effects() {
        struct Deaf final : StopBell {
            void stop(const AttemptRef&, const std::string&) override {}
        } nobody;
        EffectLoop(stores.outbox(), nobody, conductor).carry_out_pending();
    }
    static AttemptRef first_try(const Workflow& workflow, std::size_t job) { return {workflow.jobs[job].id, 0, 1}; }
    void run(const Workflow& workflow, std::size_t job, const Outcome& outcome) {
        const AttemptRef attempt = first_try(workflow, job);
        ASSERT_TRUE(conductor.handle(TaskPlaced{attempt, "here"}).ok());
        ASSERT_TRUE(conductor.handle(TaskClaimed{attempt, "hash"}).ok());
        const auto finished = conductor.handle(TaskFinished{attempt, outcome});
        ASSERT_TRUE(finished.ok()) << finished.error().message;
    }

    Stores stores;
    LiveNews live;
    HandClock clock;
    FakeGit git;
    CountingBell bell;
    int outbox_rings = 0;
    Conductor conductor{
        {stores.workflow_store(), stores.project_store(), git, live, clock, bell, [this] { ++outbox_rings; }}};
};

}  // namespace gyre::conductor
