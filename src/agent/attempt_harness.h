#pragma once

// For tests of whole attempts: a fake gateway, a box that is this machine (the real supervisor outside of any sandbox),
// and the verbs to describe a job in a few lines.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <thread>

#include "agent/attempt.h"
#include "agent/environment.h"
#include "agent/fake_gateway.h"
#include "agent/probe_in_test.h"

namespace gyre::agent::testing {

class HostBox final : public Box {
public:
    Supervisor& supervisor() override { return *local_; }
    std::string trouble() override { return trouble_; }
    void forget_trouble() override {
        trouble_.clear();
        if (between_steps_) between_steps_(*this);
    }
    pid_t process() const { return local_.pid(); }
    Result<void> destroy() override {
        local_.stop();
        std::filesystem::remove(shell_env_);
        return stays_ ? unavailable("it stays") : Result<void>{};
    }
    std::string trouble_;
    bool stays_ = false;
    std::function<void(HostBox&)> between_steps_;
    std::string shell_env_;  // $BASH_ENV: in the /tmp of this machine, which is nobody's own

private:
    LocalSupervisor local_;
};

class HostExecutor final : public Executor {
public:
    HostExecutor(std::optional<Error> refusal, bool stays, std::function<void(HostBox&)> made)
        : refusal_(std::move(refusal)), stays_(stays), made_(std::move(made)) {}
    std::string_view name() const override { return "host"; }
    Result<std::unique_ptr<Box>> prepare(const BoxRequest& request) override {
        request.say("a box that is this machine");
        if (refusal_ && stays_) request.left_behind();
        if (refusal_) return *refusal_;
        auto box = std::make_unique<HostBox>();
        box->stays_ = stays_;
        for (const auto& variable : request.environment) {
            if (variable.name == "BASH_ENV") box->shell_env_ = variable.value;
        }
        if (made_) made_(*box);
        return std::unique_ptr<Box>(std::move(box));
    }
    Result<void> sweep(const std::function<bool(std::string_view)>&) override { return {}; }

private:
    std::optional<Error> refusal_;
    bool stays_;
    std::function<void(HostBox&)> made_;
};

inline std::string read_text(const std::filesystem::path& path) {
    std::ifstream file(path);
    return std::string(std::istreambuf_iterator<char>(file), {});
}

// One job with its world. Files of the job live in `files`, its working directory in `project`.
class World {
public:
    World() {
        char pattern[] = "/tmp/gyre-attempt-XXXXXX";
        root = ::mkdtemp(pattern);
        for (const auto* part : {"work", "project", "files"}) std::filesystem::create_directories(root / part);
        assignment.attempt = {.job = {"0b8c1f2e-" + root.filename().string()}, .task = 0, .attempt = 1};
        assignment.token = "the-token";
        assignment.heartbeat_ms = 50;
        assignment.lease_ms = 20'000;
        assignment.job.working_directory = project();
        assignment.job_name = "test";
        assignment.limits.job_ms = 60'000;
    }
    ~World() {
        std::error_code failed;
        std::filesystem::remove_all(root, failed);
        EXPECT_FALSE(std::filesystem::exists(bash_env_path(assignment))) << "nothing of a job may stay on this machine";
    }
    std::string project() const { return (root / "project").string(); }
    std::string files() const { return (root / "files").string(); }
    std::string work() const { return (root / "work").string(); }

    World& step(Step step) {
        assignment.job.steps.push_back(std::move(step));
        return *this;
    }
    World& run(std::string command, StepCondition when = StepCondition::on_success) {
        return step(RunStep{.name = command.substr(0, 20), .command = command, .when = when});
    }

    // Instead of the helper's command `name`, a shell script runs inside the job.
    World& replace_helper(const std::string& name, const std::string& script) {
        helper = (root / "helper").string();
        std::ofstream(helper) << "#!/bin/sh\nif [ \"$1\" = " << name << " ]; then\n"
                              << script << "\nelse\nexec " << GYRE_INJOB << " \"$@\"\nfi\n";
        std::filesystem::permissions(helper, std::filesystem::perms::owner_all);
        return *this;
    }

    // Carries the job out, in this thread.
    void start() {
        AttemptSettings settings{
            .server = gateway.endpoint(), .work = work(), .injob_path = GYRE_INJOB, .helper = helper};
        settings.choose = [this](const ExecutorSpec&) -> Result<std::unique_ptr<Executor>> {
            if (no_executor) return *no_executor;
            return std::unique_ptr<Executor>(std::make_unique<HostExecutor>(refusal, box_stays, box_made));
        };
        carry_out_attempt(assignment, settings);
    }
    std::thread start_aside() {
        return std::thread([this] { start(); });
    }
    // The same place and server, for the next job.
    void next_job() {
        assignment.job.steps.clear();
        ++assignment.attempt.attempt;
        gateway.outcome.reset();
        gateway.outputs.clear();
        gateway.steps.clear();
    }

    // The output of the config's n-th step, from 0.
    std::string output(int n) { return gateway.outputs[101 + n]; }
    StepRecord record(int n) { return gateway.steps[101 + n]; }
    std::string how() {
        if (!gateway.outcome) return "nothing was told";
        return std::visit([](const auto& end) { return std::string(std::decay_t<decltype(end)>::kind); },
                          *gateway.outcome);
    }
    template <typename T>
    T told() {
        return gateway.outcome && std::holds_alternative<T>(*gateway.outcome) ? std::get<T>(*gateway.outcome) : T{};
    }

    std::filesystem::path root;
    wire::Assignment assignment;
    FakeGateway gateway;
    std::string helper = GYRE_INJOB;  // what runs inside the job
    std::optional<Error> no_executor;
    std::optional<Error> refusal;
    bool box_stays = false;                  // it cannot be removed
    std::function<void(HostBox&)> box_made;  // called with each new box
};

}  // namespace gyre::agent::testing
