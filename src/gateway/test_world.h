#pragma once

// For gateway's tests: a gateway with its server, and a workflow to work on. The tests say over which stores, since
// only they may know adapters.

#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>

#include "gateway/gateway.h"
#include "gateway/test_agent.h"
#include "httpd/server.h"

namespace gyre::gateway {

// A server on a unix socket.
template <typename Stores, typename LiveNews, typename HandClock>
class WorldOver {
public:
    WorldOver() : folder_(std::filesystem::temp_directory_path() / ("gyre-gateway-" + random_token(4))) {
        std::filesystem::create_directories(folder_);
        make_workflow();
        start();
    }
    ~WorldOver() {
        stop();
        std::filesystem::remove_all(folder_);
    }

    void start() {
        gateway = std::make_unique<Gateway>(
            ports(),
            assignment_source(
                stores.workflow_store(), stores.project_store(), [] { return "http://ci.test"; }, "secret", secrets),
            GatewaySettings{.launch_key = "launch key", .limits = limits});
        router = std::make_unique<httpd::Router>();
        gateway->add_routes(*router);
        if (!gateway->start()) throw std::runtime_error("the gateway does not start");
        server = std::make_unique<httpd::Server>();
        if (!server->listen_unix(socket(), *router)) throw std::runtime_error("the server does not listen");
        server->start();
    }
    void stop() {
        server.reset();
        gateway.reset();
    }
    GatewayPorts ports() {
        return {conductor,
                stores.workflow_store(),
                stores.task_queue(),
                stores.run_records(),
                stores.output_store(),
                stores.blob_store(),
                stores.keepsakes(),
                stores.test_history(),
                launcher,
                live,
                clock,
                ssh};
    }
    std::string socket() const { return folder_ / "s"; }

    // Two jobs: `build` succeeded and kept a layer; `test` requires it, has two tasks, both placed.
    void make_workflow() {
        const Project project{.id = {"p1"}, .slug = "git/demo", .remote = "/srv/demo.git", .default_branch = "main"};
        if (!stores.project_store().add(project)) throw std::runtime_error("no project");
        Pipeline pipeline{.id = {"pipe1"}, .project = project.id, .number = 7};
        pipeline.trigger = {.id = {"t1"}, .project = project.id, .actor = "ann", .branch = "main"};
        pipeline.trigger.revision = std::string(40, 'a');
        JobSpec spec{.name = "test", .executor = DockerExecutor{{ContainerSpec{.image = "debian:12"}}}};
        spec.resource_class = "small";
        pipeline.plan.jobs = {spec};
        Workflow workflow{.id = {"w1"}, .pipeline = pipeline.id, .project = project.id, .workspace = {"w1"}};
        workflow.name = "main";
        WorkflowJob build{.id = {"build-1"}, .name = "build", .number = 1, .spec = 0, .status = JobStatus::success};
        build.tasks = {{.index = 0, .status = TaskStatus::finished, .attempts = {Attempt{}}}};
        build.tasks[0].attempts[0].state = AttemptState::finished;
        build.tasks[0].attempts[0].outcome = Succeeded{};
        WorkflowJob test{.id = {"test-1"}, .name = "test", .number = 2, .spec = 0, .requires_ = {0}};
        test.status = JobStatus::running;
        for (int task = 0; task < 2; ++task) {
            test.tasks.push_back({.index = task, .status = TaskStatus::placed, .attempts = {Attempt{}}});
        }
        workflow.jobs = {build, test};
        Commit commit{.event = {"start"}, .kind = "test", .pipeline = pipeline};
        commit.workflows.push_back(workflow);
        if (!stores.workflow_store().commit(commit)) throw std::runtime_error("no workflow");
    }

    // As the conductor does it: the first task is over, its attempt still placed.
    void cancel() {
        auto workflow = *stores.workflow_store().load({"w1"});
        workflow.jobs[1].tasks[0].status = TaskStatus::finished;
        Commit commit{.event = {"cancel"}, .kind = "test"};
        commit.workflows.push_back(with_only(workflow, {1}));
        if (!stores.workflow_store().commit(commit)) throw std::runtime_error("no cancel");
    }

    Attempt attempt(int task = 0) {
        return stores.workflow_store().load({"w1"})->jobs.at(1).tasks.at(static_cast<std::size_t>(task)).attempts.at(0);
    }

    Stores stores;
    LiveNews live;
    HandClock clock;
    SmallConductor conductor{stores.workflow_store(), clock};
    FakeLauncher launcher;
    wire::Limits limits;
    SecretsSource secrets;
    SshDesk* ssh = nullptr;
    std::unique_ptr<Gateway> gateway;
    std::unique_ptr<httpd::Router> router;
    std::unique_ptr<httpd::Server> server;

private:
    std::filesystem::path folder_;
};

inline const AttemptRef first{{"test-1"}, 0, 1};
inline const AttemptRef second{{"test-1"}, 1, 1};

}  // namespace gyre::gateway
