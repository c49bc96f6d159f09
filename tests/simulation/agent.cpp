#include "simulation/agent.h"

#include <algorithm>
#include <utility>

#include "base/json.h"
#include "simulation/server.h"

// The life of an agent, its claim, and its job. What it delivers: agent_delivery.cpp.

namespace gyre::simulation {
namespace {

constexpr Duration wait_for_work{20'000};
constexpr Duration longest_absence{15'000};
constexpr int first_step = 101;

}  // namespace

void Agent::start(std::function<void()> leave) {
    leave_ = std::move(leave);
    last_contact_ = stage_.time.elapsed();
    soon(stage_.dice.span(Duration{1}, Duration{30}), &Agent::claim);
}

void Agent::die() {
    dead_ = true;
    if (!work_) return;
    stage_.trace.say("agent {} dies with attempt {}", facts_.process, work_->assignment.attempt.id().text);
    stop_job();
}

void Agent::leave() {
    stage_.trace.say("agent {} leaves", facts_.process);
    const auto self = shared_from_this();
    leave_();
}

void Agent::soon(Duration delay, void (Agent::*act)()) {
    stage_.time.after(delay, [weak = weak_from_this(), act] {
        const auto self = weak.lock();
        if (self && !self->dead_) (self.get()->*act)();
    });
}

void Agent::call(const std::string& method, const std::string& path, std::string body, Duration patience,
                 void (Agent::*hear)(const Answer&)) {
    const bool claims = !work_;
    Call call{.method = method,
              .target = claims ? path : "/agent/v1/attempts/" + work_->assignment.attempt.id().text + path,
              .authorization = "Bearer " + (claims ? launch_key : work_->assignment.token),
              .body = std::move(body),
              .local = facts_.local};
    link_.call(std::move(call), patience, [weak = weak_from_this(), hear](const Answer& answer) {
        const auto self = weak.lock();
        if (self && !self->dead_) (self.get()->*hear)(answer);
    });
}

// --- the claim ---

void Agent::claim() {
    const wire::ClaimRequest request{
        .client = facts_.client, .process = facts_.process, .wait_ms = static_cast<int>(wait_for_work.count())};
    call("POST", "/agent/v1/claim", to_json_text(request), wait_for_work + Duration{30'000}, &Agent::claim_answered);
}

void Agent::claim_answered(const Answer& answer) {
    if (answer.is(204)) {
        had_contact_ = true;
        last_contact_ = stage_.time.elapsed();
        claim_pause_ = {};
        return claim();
    }
    if (answer.is(200)) {
        auto assignment = from_json_text<wire::Assignment>(answer.body, {.bytes = 16 << 20, .depth = 64});
        if (assignment) return begin(std::move(*assignment));
        watcher_.found("assignment-understood", assignment.error().message);
        return leave();
    }
    if (!answer.is_trouble()) return leave();
    const bool refused = answer.kind == Answer::Kind::refused;
    const bool gone = stage_.time.elapsed() - last_contact_ > longest_absence;
    if (gone || (!had_contact_ && refused)) return leave();
    had_contact_ = had_contact_ || !refused;
    claim_pause_ = std::clamp(claim_pause_ * 2, Duration{50}, Duration{refused ? 250 : 5'000});
    soon(claim_pause_, &Agent::claim);
}

// --- the job ---

void Agent::begin(wire::Assignment assignment) {
    stage_.trace.say("agent {} got attempt {}", facts_.process, assignment.attempt.id().text);
    work_.emplace();
    work_->assignment = std::move(assignment);
    work_->renewed_at = stage_.time.elapsed();
    work_->acting = true;
    watcher_.begins(work_->assignment.attempt, facts_.process);
    soon(Duration{work_->assignment.heartbeat_ms}, &Agent::beat);
    soon(stage_.dice.span(Duration{1}, Duration{40}), &Agent::next_step);
}

void Agent::next_step() {
    if (work_->over || work_->stop != Stop::none) return;
    if (stage_.weather.agent_dies > 0 && stage_.dice.permille(stage_.weather.agent_dies)) return leave();
    if (work_->next_step == work_->assignment.job.steps.size()) return end_job(Succeeded{});
    step_running_ = first_step + static_cast<int>(work_->next_step++);
    report(step_running_, StepStatus::running);
    const int prints = stage_.dice.between(0, 3);
    for (int i = 0; i < prints; ++i) print(step_running_, stage_.dice.between(1, 400));
    soon(stage_.dice.span(Duration{5}, stage_.dice.percent(15) ? Duration{30'000} : Duration{1'500}),
         &Agent::step_over);
}

void Agent::step_over() {
    if (work_->over || work_->stop != Stop::none) return;
    if (stage_.dice.percent(50)) print(step_running_, stage_.dice.between(1, 200));
    const int luck = stage_.dice.between(1, 100);
    if (luck <= 90) {
        report(step_running_, StepStatus::success);
        if (luck <= 2) return end_job(Succeeded{.halted = true});
        return next_step();
    }
    if (luck <= 95) {
        report(step_running_, StepStatus::failed);
        return end_job(Failed{"step 'make' exited with code 1"});
    }
    if (luck <= 96) {
        report(step_running_, StepStatus::timedout);
        return end_job(TimedOut{"no output for 10 min"});
    }
    report(step_running_, StepStatus::infrastructure_fail);
    end_job(InfrastructureFailed{std::string(engine_away), luck < 100});
}

void Agent::print(int step, std::int64_t bytes) {
    work_->output[step].printed += bytes;
    send_output();
}

void Agent::report(int step, StepStatus status) {
    auto& record = work_->reports[step];
    record.index = step;
    record.name = "make";
    record.type = "run";
    record.status = status;
    if (status != StepStatus::running) record.output_bytes = work_->output[step].printed;
    send_reports();
}

// Nothing of the job runs from here on.
void Agent::stop_job() {
    if (!work_->acting) return;
    work_->acting = false;
    watcher_.rests(work_->assignment.attempt, facts_.process);
}

void Agent::end_job(Outcome outcome) {
    if (work_->over) return;
    work_->over = true;
    work_->outcome = std::move(outcome);
    stop_job();
    watcher_.says_end(work_->assignment.attempt, work_->outcome);
    send_output();
    tell_end();
}

void Agent::stop(Stop why, std::string sentence) {
    if (work_->stop == Stop::fenced || (work_->stop != Stop::none && why != Stop::fenced)) return;
    stage_.trace.say("agent {} stops: {}", facts_.process, sentence);
    work_->stop = why;
    work_->why = std::move(sentence);
    if (why == Stop::fenced) {
        stop_job();
        return leave();
    }
    if (work_->over) return;
    if (step_running_ >= 0) report(step_running_, StepStatus::canceled);
    if (why == Stop::lease_lost) return end_job(InfrastructureFailed{work_->why});
    end_job(Canceled{});
}

}  // namespace gyre::simulation
