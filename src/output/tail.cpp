#include "output/tail.h"

#include <algorithm>

#include "model/attempt_name.h"

namespace gyre::output {
namespace {

Result<bool> is_attempt_over(WorkflowStore& workflows, const AttemptRef& attempt) {
    GYRE_TRY_ASSIGN(const auto workflow, workflows.load_job(attempt.job));
    if (const auto* found = find_attempt(workflow, attempt)) return found->state == AttemptState::finished;
    return not_found("there is no attempt " + attempt.id().text);
}

bool concerns(const News& news, const OutputName& name, const std::string& attempt_id) {
    if (news.kind == NewsKind::output) return news.attempt == attempt_id && news.step == name.step;
    return news.job == name.attempt.job.text || (news.job.empty() && news.kind == NewsKind::workflow);
}

}  // namespace

Result<bool> is_complete(const OutputPorts& ports, const OutputName& name) {
    GYRE_TRY_ASSIGN(const auto steps, ports.records.steps(name.attempt));
    const auto step = std::find_if(steps.begin(), steps.end(), [&](const auto& s) { return s.index == name.step; });
    if (step != steps.end() && step->status != StepStatus::running) {
        GYRE_TRY_ASSIGN(const auto stored, ports.outputs.length(name));
        if (stored >= step->output_bytes) return true;
    }
    return is_attempt_over(ports.workflows, name.attempt);
}

Tail::Tail(OutputPorts ports, OutputName name, std::int64_t offset, std::function<void()> wake)
    : ports_(ports), name_(std::move(name)), offset_(offset) {
    subscription_ =
        ports_.live.subscribe([wake = std::move(wake), name = name_, id = name_.attempt.id().text](const News& news) {
            if (concerns(news, name, id)) wake();
        });
}

Result<Piece> Tail::next(std::size_t most) {
    GYRE_TRY_ASSIGN(auto bytes, ports_.outputs.read(name_, offset_, most));
    if (bytes.empty()) {
        // Whether it is over is asked first: bytes that come between the questions are then still read.
        GYRE_TRY_ASSIGN(const bool over, is_complete(ports_, name_));
        GYRE_TRY_ASSIGN(bytes, ports_.outputs.read(name_, offset_, most));
        if (bytes.empty()) return Piece{{}, over};
    }
    offset_ += static_cast<std::int64_t>(bytes.size());
    return Piece{std::move(bytes), false};
}

}  // namespace gyre::output
