#include "agent/attempt.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "agent/attempt_directory.h"
#include "agent/environment.h"
#include "agent/executors/process_start.h"
#include "agent/executors/ready_container.h"
#include "agent/heartbeat.h"
#include "agent/held_gpus.h"
#include "agent/leash.h"
#include "agent/manifest.h"
#include "agent/remote_docker.h"
#include "agent/secret_forms.h"
#include "agent/ssh/door.h"
#include "agent/step_log.h"
#include "agent/steps/steps.h"
#include "agent/task_data.h"
#include "base/json.h"
#include "base/log.h"

namespace gyre::agent {
namespace {

using namespace std::chrono_literals;

constexpr auto time_for_gpus = 30s;       // that an ending job has still
constexpr auto time_for_last_words = 1s;  // for what dead processes left in pipes

template <typename... Ts>
struct Cases : Ts... {
    using Ts::operator()...;
};
template <typename... Ts>
Cases(Ts...) -> Cases<Ts...>;

class Attempt {
public:
    Attempt(const wire::Assignment& assignment, const AttemptSettings& settings, AttemptDirectory& directory)
        : assignment_(assignment),
          settings_(settings),
          directory_(directory),
          manifest_(begin_manifest(assignment)),
          gateway_(new_client()),
          gateway_of_steps_(new_client(TryUntil::stopping)),
          log_(assignment, directory.scratch(), new_client(), new_client()),
          leash_(settings.leash, control_),
          ssh_(log_, background_, control_, new_client(), settings.work + "/ssh-host-key"),
          heartbeat_(new_client(),
                     {.every = std::chrono::milliseconds(assignment.heartbeat_ms),
                      .lease = std::chrono::milliseconds(assignment.lease_ms)},
                     settings.server.is_unix() && !assignment.others_take_over,
                     [this](std::optional<wire::SshAccess> access) { ssh_.hear(std::move(access)); }) {
        ssh_.hear(assignment.ssh);
        control_.set_time_limit(std::chrono::milliseconds(assignment.limits.job_ms));
    }

    void run() {
        if (prepare()) run_steps();
        wait_for_guests();
        collect();
        stop();
        deliver();
        teardown();
    }

private:
    GatewayClient new_client(TryUntil until = TryUntil::fenced) {
        return {settings_.server, assignment_.attempt.id(), assignment_.token, control_, until};
    }

    bool prepare();
    bool make_box(StepOutput& output);
    Result<void> take_gpus(StepOutput& output);
    Result<void> enter_box(StepOutput& output);
    void run_steps();
    void run_step(int index, const Step& step);
    bool is_wanted(int index, const Step& step) const;
    void wait_for_guests();
    void collect();
    void stop();
    void deliver();
    void teardown();

    void fail(Outcome outcome) {  // the first failure is the job's
        if (!failure_) failure_ = std::move(outcome);
    }
    void note(const StepEnd& end);
    Outcome outcome();

    const wire::Assignment& assignment_;
    const AttemptSettings& settings_;
    AttemptDirectory& directory_;
    JobManifest manifest_;
    JobControl control_;
    GatewayClient gateway_;
    GatewayClient gateway_of_steps_;
    StepLog log_;
    BackgroundOutputs background_;
    Leash leash_;
    SshDoor ssh_;
    HeartbeatThread heartbeat_;
    HeldGpus gpus_;
    std::unique_ptr<Executor> executor_;
    std::unique_ptr<Box> box_;
    std::optional<UsageWatch> usage_watch_;
    std::optional<DiskWatch> disk_watch_;
    std::string usage_;  // JSON, once nothing of the job runs
    std::optional<Job> job_;
    std::optional<Outcome> failure_;
    bool halted_ = false;
    bool box_is_gone_ = false;
};

// --- prepare ---

bool Attempt::prepare() {
    auto step = log_.begin({.index = 0, .name = "Spin up environment", .type = "infrastructure"});
    if (!step) {
        fail(InfrastructureFailed{step.error().message});
        return false;
    }
    StepEnd end;
    if (!make_box(*step->output)) end.status = StepStatus::infrastructure_fail;
    if (control_.is_stopping()) end.status = status_of(control_.reason());
    if (failure_ && std::holds_alternative<Failed>(*failure_)) end.status = StepStatus::failed;
    log_.end(std::move(*step), end, background_);
    return end.status == StepStatus::success;
}

bool Attempt::make_box(StepOutput& output) {
    const auto give_up = [&](const Error& error, bool retryable) {
        output.say(error.message);
        if (error.fault == Fault::unavailable) {
            fail(InfrastructureFailed{error.message, retryable});
        } else {
            fail(Failed{error.message});
        }
        return false;
    };
    if (assignment_.replay) {
        for (const auto& note : assignment_.replay->notes) output.say(note);
    }
    for (const auto& secret : assignment_.secrets) {
        if (secret.value.empty() || secret.value.size() >= shortest_secret) continue;
        output.say(fmt::format("Notice: the value of {} is too short to be masked in output", secret.name));
    }
    auto executor = settings_.choose(assignment_.job.executor);
    if (!executor) return give_up(executor.error(), false);  // this machine will not be able to do it later either
    executor_ = std::move(*executor);
    manifest_.executor = executor_->name();
    const auto noted = directory_.note_executor(executor_->name());
    if (!noted) return give_up(noted.error(), true);
    if (const auto taken = take_gpus(output); !taken)
        return give_up(unavailable(taken.error().message), taken.error().fault == Fault::unavailable);
    const BoxRequest request{.assignment = &assignment_,
                             .name = assignment_.attempt.id().text,
                             .directory = directory_.box(),
                             .injob_path = settings_.injob_path,
                             .environment = job_environment(assignment_),
                             .say = [&output](std::string_view text) { output.say(text); },
                             .cancel = control_.stop_event(),
                             .gpus = gpus_.devices(),
                             .ready = settings_.ready,
                             .left_behind = [this] { directory_.keep(); }};
    auto box = executor_->prepare(request);
    if (settings_.ready != nullptr) settings_.ready->give_up();
    if (!box) return give_up(box.error(), true);
    box_ = std::move(*box);
    manifest_.images = box_->images();
    usage_watch_.emplace(box_->usage_meter(), assignment_.resources, settings_.usage_times, gateway_);
    disk_watch_.emplace(add_tree(box_->disk_meter(), directory_.scratch() + "/" + engine_directory),
                        settings_.disk_limits, settings_.usage_times.every, control_);
    const auto entered = enter_box(output);
    return entered ? true : give_up(entered.error(), true);
}

Result<void> Attempt::take_gpus(StepOutput& output) {
    if (assignment_.resources.gpus <= 0) return {};
    auto known = find_gpus(settings_.cdi_directories);
    std::erase_if(known, [](const CdiDevice& gpu) { return !is_there(gpu); });
    GYRE_TRY_ASSIGN(gpus_, HeldGpus::take(known, assignment_.resources.gpus, settings_.work + "/gpus", time_for_gpus,
                                          control_.stop_event()));
    manifest_.gpus = gpus_.names();
    output.say(fmt::format("Using {}", fmt::join(manifest_.gpus, ", ")));
    return {};
}

Result<void> Attempt::enter_box(StepOutput& output) {
    job_.emplace(Job{.assignment = assignment_,
                     .supervisor = box_->supervisor(),
                     .gateway = gateway_of_steps_,
                     .control = control_,
                     .background = background_,
                     .scratch = directory_.scratch(),
                     .mirrors = settings_.work + "/mirrors",
                     .injob_path = settings_.injob_path,
                     .helper = settings_.helper.empty() ? box_->helper() : settings_.helper,
                     .environment = job_environment(assignment_, box_->temporary()),
                     .working_directory = {},
                     .masked = [this](const std::string& text) { return log_.masked(text); },
                     .engines_allowed = settings_.engines_allowed,
                     .box_process = box_->process(),
                     .box_process_started = process_start_time(box_->process())});
    job_->working_directory = job_->path(assignment_.job.working_directory, job_->supervisor.inside().home);
    GYRE_TRY(make_task_data(*job_, box_->temporary(), output));
    ssh_.let_into({.supervisor = &job_->supervisor,
                   .environment = job_->environment,
                   .working_directory = job_->working_directory,
                   .helper = job_->helper});
    return {};
}

// --- steps ---

std::string command_of(const Step& step) {
    const auto* run = std::get_if<RunStep>(&step);
    return run ? run->command : std::string{};
}

StepRecord record_of(int index, const Step& step) {
    const auto* run = std::get_if<RunStep>(&step);
    return {.index = index,
            .name = name_of(step),
            .type = std::string(std::visit([](const auto& kind) { return std::decay_t<decltype(kind)>::kind; }, step)),
            .command = command_of(step),
            .background = run != nullptr && run->background};
}

bool Attempt::is_wanted(int index, const Step& step) const {
    if (const auto& replay = assignment_.replay; replay && std::ranges::count(replay->left_out, index - first_step) > 0)
        return false;
    const auto* run = std::get_if<RunStep>(&step);
    if (run && run->deploy && assignment_.attempt.task != 0) return false;
    switch (condition_of(step)) {
        case StepCondition::on_success:
            return !failure_;
        case StepCondition::on_fail:
            return failure_.has_value();
        case StepCondition::always:
            return true;
    }
    return true;
}

void Attempt::run_steps() {
    int index = first_step;
    for (const Step& step : assignment_.job.steps) {
        if (control_.is_stopping() || halted_ || box_is_gone_) return;
        if (is_wanted(index, step)) {
            run_step(index, step);
        } else {
            log_.skip(record_of(index, step));
        }
        ++index;
    }
}

void Attempt::run_step(int index, const Step& step) {
    auto open = log_.begin(record_of(index, step));
    if (!open) {
        box_is_gone_ = true;
        return fail(InfrastructureFailed{open.error().message});
    }
    job_->step = index;
    const StepEnd end = std::visit([&](const auto& kind) { return carry_out(kind, *job_, open->output); }, step);
    ssh_.steps_have(job_->environment);
    if (control_.is_stopping() && end.status != StepStatus::success) open->output->say("\n" + end.reason);
    if (end.status == StepStatus::failed || end.status == StepStatus::infrastructure_fail) {
        if (const std::string trouble = box_->trouble(); !trouble.empty()) {
            open->output->say(trouble);
            if (end.status == StepStatus::failed) fail(Failed{end.reason + "; " + trouble});
        }
    }
    note(end);
    box_->forget_trouble();
    if (&step == &assignment_.job.steps.back()) log_.hold_reports();
    log_.end(std::move(*open), end, background_);
}

void Attempt::note(const StepEnd& end) {
    switch (end.status) {
        case StepStatus::failed:
            fail(Failed{end.reason});
            break;
        case StepStatus::timedout:
            fail(TimedOut{end.reason});
            break;
        case StepStatus::infrastructure_fail: {
            const std::string trouble = box_->trouble();
            // A box that died of the job's own hunger is the job's failure.
            if (trouble.starts_with("out of memory")) fail(Failed{trouble});
            fail(InfrastructureFailed{trouble.empty() ? end.reason : end.reason + "; " + trouble, end.retryable});
            box_is_gone_ = true;
            break;
        }
        case StepStatus::success:
            halted_ = halted_ || (end.halted && !failure_);
            break;
        case StepStatus::running:
        case StepStatus::canceled:
        case StepStatus::skipped:
            break;
    }
}

// --- the end ---

// Nobody comes in any more when this returns.
void Attempt::wait_for_guests() {
    const bool can_wait = job_ && !box_is_gone_ && !control_.is_stopping();
    if (can_wait && ssh_.is_wanted(failure_.has_value())) {
        log_.release_reports();
        ssh_.wait(failure_.has_value(), first_step + static_cast<int>(assignment_.job.steps.size()));
    }
    ssh_.close();
}

void Attempt::collect() {
    heartbeat_.say_stopping();
    if (job_) job_->supervisor.kill_all();
    background_.finish(time_for_last_words);
    log_.end_background(job_ ? &job_->supervisor : nullptr);
}

// The end is told when nothing of the job runs any more, and before its files are removed: that can take seconds.
void Attempt::stop() {
    if (job_) {
        manifest_.caches = std::move(job_->caches);
        manifest_.workspaces = std::move(job_->workspaces);
    }
    // While the supervisor stands, which has waited for all that ran: the kernel adds up there what they read and
    // wrote.
    disk_watch_.reset();
    if (usage_watch_) usage_ = to_json_text(usage_watch_->end());
    job_.reset();
    if (box_ && !box_->stop()) directory_.keep();
    gpus_ = {};  // for the next job, which may come as soon as this one's end is told
}

void Attempt::teardown() {
    if (box_ && !box_->destroy()) directory_.keep();
    box_.reset();
    if (executor_) executor_->tidy();
}

Outcome Attempt::outcome() {
    switch (control_.reason()) {
        case StopReason::canceled:
        case StopReason::fenced:
            return Canceled{};
        case StopReason::time_is_up:
            return TimedOut{control_.why()};
        case StopReason::over_disk:
            return Failed{control_.why()};
        case StopReason::lease_lost:
            return InfrastructureFailed{control_.why()};
        case StopReason::none:
            break;
    }
    if (const std::string trouble = log_.trouble(); !trouble.empty()) return InfrastructureFailed{trouble};
    if (failure_) return *failure_;
    return Succeeded{.halted = halted_};
}

void Attempt::deliver() {
    const Outcome how = outcome();  // a stop that comes from now on is too late
    const auto last_records = log_.drain();
    ssh_.drain();
    Outcome told = control_.is_stopping() ? how : outcome();  // sending may have found trouble
    const auto mask = [&](std::string& reason) { reason = log_.masked(reason); };
    std::visit(Cases{[&](Failed& end) { mask(end.reason); }, [&](TimedOut& end) { mask(end.reason); },
                     [&](InfrastructureFailed& end) { mask(end.reason); }, [](auto&) {}},
               told);
    const auto masked = [this](const std::string& text) { return log_.masked(text); };
    const wire::Finish finish{told, last_records, manifest_text(std::move(manifest_), masked), usage_};
    const auto sent = keep_trying(gateway_, TryUntil::fenced, [&] { return gateway_.finish(finish); });
    if (!sent && !control_.is_fenced())
        log::error("agent", "the end of the attempt could not be told: {}", sent.error().message);
}

}  // namespace

void carry_out_attempt(const wire::Assignment& assignment, const AttemptSettings& settings) {
    auto directory = AttemptDirectory::create(settings.work, assignment.attempt.id().text);
    if (directory) return Attempt(assignment, settings, *directory).run();
    log::error("agent", "{}", directory.error().message);
    JobControl control;
    GatewayClient gateway(settings.server, assignment.attempt.id(), assignment.token, control);
    const wire::Finish finish{InfrastructureFailed{directory.error().message}, {}, {}};
    const auto sent = keep_trying(gateway, TryUntil::fenced, [&] { return gateway.finish(finish); });
    if (!sent) log::error("agent", "{}", sent.error().message);
}

}  // namespace gyre::agent
