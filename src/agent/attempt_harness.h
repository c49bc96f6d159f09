#pragma once

// For tests of whole attempts: a fake gateway, the executor of plain processes on this machine, and the verbs to
// describe a job in a few lines.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <thread>

#include "agent/attempt.h"
#include "agent/environment.h"
#include "agent/executors/plain.h"
#include "agent/fake_gateway.h"
#include "agent/probe_in_test.h"

namespace gyre::agent::testing {

// A box without walls, with what a test makes of it.
class HostBox final : public Box {
public:
    explicit HostBox(std::unique_ptr<Box> plain) : plain_(std::move(plain)) {}
    Supervisor& supervisor() override { return plain_->supervisor(); }
    std::string helper() const override { return plain_->helper(); }
    std::string temporary() const override { return plain_->temporary(); }
    pid_t process() const override { return process_; }
    std::string trouble() override { return trouble_.empty() ? plain_->trouble() : trouble_; }
    void forget_trouble() override {
        trouble_.clear();
        plain_->forget_trouble();
        if (between_steps_) between_steps_();
    }
    UsageMeter usage_meter() const override { return usage_files_ ? UsageMeter(*usage_files_) : plain_->usage_meter(); }
    std::unique_ptr<DiskMeter> disk_meter() const override {
        return disk_meter_ ? disk_meter_() : plain_->disk_meter();
    }
    Result<void> stop() override { return plain_->stop(); }
    Result<void> destroy() override {
        auto destroyed = plain_->destroy();
        return stays_ ? unavailable("it stays") : destroyed;
    }
    std::string trouble_;
    pid_t process_ = 0;  // whose network it has
    bool stays_ = false;
    std::optional<UsageFiles> usage_files_;                   // where a test counts what is used
    std::function<std::unique_ptr<DiskMeter>()> disk_meter_;  // instead of its own
    std::function<void()> between_steps_;

private:
    std::unique_ptr<Box> plain_;
};

class HostExecutor final : public Executor {
public:
    HostExecutor(const ExecutorSettings& settings, std::optional<Error> refusal, bool stays,
                 std::function<void(HostBox&)> made)
        : plain_(make_plain(settings)), refusal_(std::move(refusal)), stays_(stays), made_(std::move(made)) {}
    std::string_view name() const override { return plain_->name(); }
    Result<std::unique_ptr<Box>> prepare(const BoxRequest& request) override {
        if (refusal_ && stays_) request.left_behind();
        if (refusal_) return *refusal_;
        GYRE_TRY_ASSIGN(auto plain, plain_->prepare(request));
        auto box = std::make_unique<HostBox>(std::move(plain));
        box->stays_ = stays_;
        if (made_) made_(*box);
        return std::unique_ptr<Box>(std::move(box));
    }
    Result<void> sweep(const std::function<bool(std::string_view)>& alive) override { return plain_->sweep(alive); }

private:
    std::unique_ptr<Executor> plain_;
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
        assignment.resources = {.millicpus = 2000, .memory_mb = 4096};
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
        settings.usage_times = usage_times;
        settings.disk_limits = disk_limits;
        settings.engines_allowed = engines_allowed;
        settings.choose = [this](const ExecutorSpec&) -> Result<std::unique_ptr<Executor>> {
            if (no_executor) return *no_executor;
            return std::unique_ptr<Executor>(std::make_unique<HostExecutor>(ExecutorSettings{.work_directory = work()},
                                                                            refusal, box_stays, box_made));
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
    UsageTimes usage_times{.every = std::chrono::milliseconds(60'000)};
    DiskLimits disk_limits;
    bool engines_allowed = false;
    std::string helper;  // what runs inside the job, where it is not the real one
    std::optional<Error> no_executor;
    std::optional<Error> refusal;
    bool box_stays = false;                  // it cannot be removed
    std::function<void(HostBox&)> box_made;  // called with each new box
};

}  // namespace gyre::agent::testing
