#include <algorithm>
#include <utility>

#include "base/json.h"
#include "simulation/agent.h"

// What an agent tells its server: heartbeats, reports, output, and the end.

namespace gyre::simulation {
namespace {

constexpr Duration patience{60'000};
constexpr std::int64_t largest_piece = 300;

}  // namespace

bool Agent::fenced_by(const Answer& answer) {
    const bool over = answer.is(401) || answer.is(409);
    if (over) stop(Stop::fenced, "the server says that the attempt is over");
    return over;
}

Duration Agent::back_off() {
    work_->pause = std::clamp(work_->pause * 2, Duration{50}, Duration{5'000});
    return work_->pause;
}

// --- heartbeats ---

// A second of the lease is left for killing the job.
Duration Agent::time_left() const {
    const Duration lease{work_->assignment.lease_ms};
    return lease - std::min(Duration{1'000}, lease / 4) - (stage_.time.elapsed() - work_->renewed_at);
}

void Agent::beat() {
    const Duration every{work_->assignment.heartbeat_ms};
    const auto asked_at = stage_.time.elapsed();
    const auto third = std::max(every, Duration{work_->assignment.lease_ms} / 3);
    const auto wait = std::max(std::min(time_left(), third), Duration{100});
    link_.call({.method = "POST",
                .target = "/agent/v1/attempts/" + work_->assignment.attempt.id().text + "/heartbeat",
                .authorization = "Bearer " + work_->assignment.token,
                .body = to_json_text(wire::Heartbeat{work_->over}),
                .local = facts_.local},
               wait, [weak = weak_from_this(), asked_at](const Answer& answer) {
                   const auto self = weak.lock();
                   if (!self || self->dead_) return;
                   // The server counts from its answer, which is later. One that refuses has given the attempt to
                   // nobody: it is this machine's own, and alone.
                   const bool alone = self->facts_.local && !self->work_->assignment.others_take_over;
                   const bool refused = answer.kind == Answer::Kind::refused && alone;
                   if (answer.is(200) || refused) self->work_->renewed_at = asked_at;
                   self->beat_answered(answer);
               });
}

void Agent::beat_answered(const Answer& answer) {
    if (fenced_by(answer)) return;
    work_->last_beat_failed = !answer.is(200);
    if (answer.is(200)) {
        const auto heard = from_json_text<wire::HeartbeatAnswer>(answer.body);
        if (heard && heard->stop) stop(Stop::canceled, heard->reason);
    } else if (time_left() <= Duration{0} && work_->stop == Stop::none) {
        stop(Stop::lease_lost, std::string(out_of_reach));
    }
    const Duration every{work_->assignment.heartbeat_ms};
    const auto hurry = std::min({every, every / 4 + Duration{50}, std::max(time_left(), Duration{100})});
    soon(work_->last_beat_failed ? hurry : every, &Agent::beat);
}

// --- reports of steps ---

void Agent::send_reports() {
    if (work_->sending_reports || work_->reports.empty() || work_->telling_end) return;
    work_->sending_reports = true;
    sent_ = std::exchange(work_->reports, {});
    wire::StepReports reports;
    for (const auto& [step, record] : sent_) reports.steps.push_back(record);
    call("POST", "/steps", to_json_text(reports), patience, &Agent::reports_answered);
}

void Agent::reports_answered(const Answer& answer) {
    work_->sending_reports = false;
    if (fenced_by(answer)) return;
    if (answer.is_trouble()) {
        for (auto& [step, record] : sent_) work_->reports.try_emplace(step, std::move(record));
        soon(back_off(), &Agent::send_reports);
    } else {
        work_->pause = {};
        send_reports();
    }
    if (work_->over) tell_end();
}

// --- output ---

void Agent::send_output() {
    if (work_->sending_output) return;
    const auto waits = [](const auto& one) { return one.second.printed > one.second.acknowledged; };
    const auto next = std::ranges::find_if(work_->output, waits);
    if (next == work_->output.end()) {
        if (work_->over) tell_end();
        return;
    }
    work_->sending_output = true;
    step_sent_ = next->first;
    const auto& [step, output] = *next;
    const auto length = std::min(output.printed - output.acknowledged, largest_piece);
    call("PUT", "/output/" + std::to_string(step) + "?offset=" + std::to_string(output.acknowledged),
         output_bytes(work_->assignment.attempt, step, output.acknowledged, length), patience, &Agent::output_answered);
}

void Agent::output_answered(const Answer& answer) {
    work_->sending_output = false;
    const auto length = from_json_text<wire::Length>(answer.body);
    const bool has_length =
        answer.kind == Answer::Kind::answered && answer.body.find("\"length\"") != std::string::npos;
    if (!has_length && fenced_by(answer)) return;
    if (!has_length) {
        if (!answer.is_trouble()) watcher_.output_refused(work_->assignment.attempt, step_sent_, answer.body);
        return soon(back_off(), &Agent::send_output);
    }
    auto& output = work_->output[step_sent_];
    if (length->length > output.printed) {
        watcher_.output_refused(work_->assignment.attempt, step_sent_, "the server has more than there is");
        return;
    }
    work_->pause = {};
    if (answer.is(200)) watcher_.output_acknowledged(work_->assignment.attempt, step_sent_, length->length);
    output.acknowledged = length->length;
    send_output();
}

// --- the end ---

void Agent::tell_end() {
    const auto waits = [](const auto& one) { return one.second.printed > one.second.acknowledged; };
    if (work_->telling_end || work_->sending_reports || std::ranges::any_of(work_->output, waits)) return;
    work_->telling_end = true;
    wire::Finish finish{work_->outcome, {}};
    for (const auto& [step, record] : work_->reports) finish.steps.push_back(record);
    call("POST", "/finish", to_json_text(finish), patience, &Agent::end_answered);
}

void Agent::end_answered(const Answer& answer) {
    work_->telling_end = false;
    if (answer.is(200)) {
        watcher_.end_acknowledged(work_->assignment.attempt, work_->outcome);
        return leave();
    }
    if (answer.is(401) || answer.is(409)) watcher_.end_refused(work_->assignment.attempt, work_->outcome);
    if (fenced_by(answer)) return;
    if (answer.is_trouble()) return soon(back_off(), &Agent::tell_end);
    watcher_.found("end-understood", "the end of attempt " + work_->assignment.attempt.id().text + " got status " +
                                         std::to_string(answer.status) + ": " + answer.body);
    leave();
}

}  // namespace gyre::simulation
