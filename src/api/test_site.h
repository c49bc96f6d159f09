#pragma once

// For api's tests: a small installation's history, written through the ports, and a conductor that remembers what it
// was asked. Knows no adapter.

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "api/api.h"
#include "base/digest.h"
#include "httpd/raw_client.h"

namespace gyre::api {

inline const std::string admin_token = "admin-token-0123456789";

class AskedConductor final : public FrontDoor {
public:
    Result<PipelineId> trigger(const Trigger&) override { return invalid("intake does that"); }
    Result<void> continue_pipeline(const HandedOver& handed) override {
        note("continue " + handed.pipeline.text + " " + handed.config + " " + to_json_text(handed.parameters));
        if (handed.config == "wrong") return invalid(".circleci/config.yml:1:1: error: not a mapping");
        return {};
    }
    Result<void> handle(const Event& event) override {
        std::visit([&](const auto& kind) { note(std::string(kind.kind) + " " + json::serialize(to_json(kind))); },
                   event);
        return {};
    }
    Result<void> cancel_workflow(const WorkflowId& workflow, const std::string& by) override {
        note("cancel " + workflow.text + " by " + by);
        return {};
    }
    Result<WorkflowId> rerun(const WorkflowId& workflow, const RerunWish& wish, const std::string& by) override {
        std::string what = wish.kind == RerunKind::from_failed ? " from failed" : " from start";
        if (wish.kind == RerunKind::jobs) what = wish.ssh ? " with ssh" : "";
        for (const auto& job : wish.jobs) what += " " + job.text;
        if (wish.failed_tests) what += " failed tests";
        note("rerun " + workflow.text + what + " by " + by);
        return WorkflowId{"workflow-2"};
    }
    void note(std::string text) {
        const std::lock_guard lock(mutex_);
        asked.push_back(std::move(text));
    }

    std::vector<std::string> asked;

private:
    std::mutex mutex_;
};

class KnownReasons final : public WaitReasons {
public:
    std::string why(const JobId& job) const override { return job.text == "job-deploy" ? "it waits for 4 CPUs" : ""; }
};

struct CountedBell final : DispatchBell {
    void ring() override { ++rings; }
    std::atomic<int> rings = 0;
};

class KnownView final : public QueueView {
public:
    std::optional<SeenWait> wait_of(const AttemptRef& attempt) const override {
        if (attempt.job.text != "job-deploy") return std::nullopt;
        return SeenWait{.position = 1, .ahead = 0, .over_limit = true, .reason = "it waits for 4 CPUs", .facts = {}};
    }
    QueueCounts counts() const override { return {.run = 0, .usage = 1}; }
};

inline Timestamp at(int seconds) { return from_millis(1'700'000'000'000 + seconds * 1000); }

// Workflow "main" of pipeline 2 of git/demo: build is green; test failed in one of two tasks, whose first attempt was
// lost; hold waits for a person; deploy is behind it. Pipeline 1 did not compile.
class History {
public:
    explicit History(ApiPorts ports) : ports_(ports) {}

    void write() {
        require(ports_.tokens.add(sha256_hex(admin_token), {"first", "ann", at(0)}));
        Project demo{.id = {"11111111-2222-4333-8444-555555555555"}, .slug = "git/demo"};
        demo.remote = "https://user:secret@git.test/demo.git";
        demo.default_branch = "main";
        demo.created_at = at(0);
        require(ports_.projects.add(demo));
        Project shop{.id = {"project-shop"}, .slug = "gh/acme/shop", .remote = "git@github.com:acme/shop.git"};
        shop.default_branch = "main";
        require(ports_.projects.add(shop));
        write_errored(demo);
        write_green(demo);
        write_records();
    }

private:
    template <typename T>
    static void require(const Result<T>& result) {
        if (!result) throw std::runtime_error("history: " + result.error().message);
    }

    Pipeline pipeline(const Project& project, std::int64_t number) const {
        Pipeline made{.id = {"pipeline-" + std::to_string(number)}, .project = project.id, .number = number};
        made.trigger = {.id = {"t" + std::to_string(number)}, .project = project.id, .actor = "ann", .branch = "main"};
        made.trigger.revision = std::string(40, static_cast<char>('a' + number));
        made.trigger.received_at = made.created_at = made.updated_at = at(static_cast<int>(number) * 10);
        made.trigger.commit = {.subject = "Fix <b>it</b>", .body = "", .author_name = "Ann", .author_email = "ann@x"};
        made.config_source = "version: 2\n";
        return made;
    }

    void write_errored(const Project& project) {
        Pipeline errored = pipeline(project, 1);
        errored.state = PipelineState::errored;
        errored.errors = {{"config", ".circleci/config.yml:1:1: error: no jobs"}};
        Commit commit{.event = {"e1"}, .kind = "trigger", .at = at(10), .pipeline = errored};
        require(ports_.workflows.commit(commit));
    }

    void write_green(const Project& project) {
        Pipeline made = pipeline(project, 2);
        JobSpec spec{.name = "build", .executor = DockerExecutor{{ContainerSpec{.image = "debian:12"}}}};
        spec.resource_class = "small";
        made.plan.jobs = {spec};
        made.plan.workflows = {{"main", {{.name = "test", .spec = 0, .contexts = {"deploy-keys"}}}}};
        Workflow workflow{
            .id = {"workflow-1"}, .pipeline = made.id, .project = project.id, .workspace = {"workflow-1"}};
        workflow.name = "main";
        workflow.status = WorkflowStatus::failing;
        workflow.started_by = "ann";
        workflow.created_at = at(20);
        workflow.jobs = {job("build", 1, {}, JobStatus::success), job("test", 2, {0}, JobStatus::failed),
                         job("hold", 0, {0}, JobStatus::on_hold), job("deploy", 3, {2}, JobStatus::queued)};
        workflow.jobs[1].reason = "step 'npm test' exited with code 1";
        workflow.jobs[2].type = JobType::approval;
        workflow.jobs[2].tasks.clear();
        workflow.jobs[3].started_at = workflow.jobs[3].stopped_at = std::nullopt;
        workflow.jobs[3].tasks[0] = {.index = 0, .status = TaskStatus::queued, .queued_at = at(50)};
        Attempt lost = workflow.jobs[1].tasks[0].attempts[0];
        lost.outcome = InfrastructureFailed{"the agent process ended"};
        workflow.jobs[1].tasks[0].attempts[0].outcome = Failed{"step 'npm test' exited with code 1"};
        workflow.jobs[1].tasks.push_back({.index = 1, .status = TaskStatus::finished, .attempts = {lost, lost}});
        workflow.jobs[1].tasks[1].attempts[1].number = 2;
        workflow.jobs[1].tasks[1].attempts[1].outcome = Succeeded{};
        Commit commit{.event = {"e2"}, .kind = "trigger", .at = at(20), .pipeline = made};
        commit.workflows.push_back(workflow);
        require(ports_.workflows.commit(commit));
        workflow.id = {"workflow-2"};
        for (auto& kept : workflow.jobs) {
            if (kept.status == JobStatus::success) kept.kept_from = kept.id;
            kept.id.text += "-again";
            if (kept.number > 0 && !kept.kept_from) kept.number += 10;
        }
        Commit again{.event = {"e3"}, .kind = "rerun", .at = at(60)};
        again.workflows.push_back(workflow);
        require(ports_.workflows.commit(again));
    }

    static WorkflowJob job(const std::string& name, std::int64_t number, std::vector<std::size_t> after,
                           JobStatus status) {
        WorkflowJob made{.id = {"job-" + name}, .name = name, .number = number, .spec = number > 0 ? 0 : -1};
        made.requires_ = std::move(after);
        made.status = status;
        made.created_at = at(20);
        made.queued_at = at(21);
        made.started_at = at(22);
        made.stopped_at = at(29);
        Attempt attempt{.number = 1, .state = AttemptState::finished, .client = "here", .placed_at = at(21)};
        attempt.started_at = at(22);
        attempt.stopped_at = at(29);
        attempt.outcome = Succeeded{};
        made.tasks = {{.index = 0, .status = TaskStatus::finished, .queued_at = at(21), .attempts = {attempt}}};
        return made;
    }

    void write_records() {
        const AttemptRef build{{"job-build"}, 0, 1};
        const AttemptRef test{{"job-test"}, 0, 1};
        StepRecord spin{.index = 0, .name = "Spin up environment", .type = "infrastructure"};
        spin.status = StepStatus::success;
        spin.started_at = at(22);
        spin.stopped_at = at(23);
        spin.output_bytes = 6;
        StepRecord run{.index = 101, .name = "npm test", .type = "run", .command = "npm test"};
        run.status = StepStatus::failed;
        run.exit_code = 1;
        run.run_time_ms = 1234;
        run.started_at = at(23);
        run.stopped_at = at(25);
        run.output_bytes = 11;
        require(ports_.records.save_steps(test, {spin, run}));
        require(ports_.records.save_steps({test.job, 1, 2}, {spin}));
        require(ports_.outputs.append({test, 0}, 0, "ready\n"));
        require(ports_.outputs.append({test, 101}, 0, "\x1b[31mred\xff\n"));
        require(ports_.records.add_tests(test, 0,
                                         {{.name = "adds",
                                           .classname = "Sum",
                                           .result = TestResult::failure,
                                           .run_time = 0.5,
                                           .message = "1 != 2"}}));
        for (const std::string path : {"report/index.html", "a b#?.txt", "pic.png", "logo.svg", "bin"}) {
            const std::string bytes = "<script>alert(1)</script>" + path;
            const auto name = sha256_hex(bytes);
            const auto size = static_cast<std::int64_t>(bytes.size());
            require(ports_.blobs.append(name, 0, size, bytes));
            require(ports_.records.add_artifact(build, {0, path, name, size}));
        }
    }

    ApiPorts ports_;
};

}  // namespace gyre::api
