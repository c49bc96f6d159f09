#include "gateway/attempts.h"

#include <charconv>

namespace gyre::gateway {
namespace {

std::optional<int> whole_number(std::string_view text) {
    int number = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failed != std::errc{} || end != text.data() + text.size() || text.empty() || number < 0) return std::nullopt;
    return number;
}

}  // namespace

std::optional<AttemptRef> parse_attempt_id(const std::string& text) {
    const auto mark = text.rfind("-a");
    const auto dash = mark == std::string::npos || mark == 0 ? std::string::npos : text.rfind('-', mark - 1);
    if (dash == std::string::npos || dash == 0) return std::nullopt;
    const auto task = whole_number(std::string_view(text).substr(dash + 1, mark - dash - 1));
    const auto attempt = whole_number(std::string_view(text).substr(mark + 2));
    if (!task || !attempt) return std::nullopt;
    return AttemptRef{JobId{text.substr(0, dash)}, *task, *attempt};
}

Result<StoredAttempt> load_attempt(WorkflowStore& workflows, const AttemptRef& ref) {
    GYRE_TRY_ASSIGN(const auto workflow_id, workflows.workflow_of(ref.job));
    GYRE_TRY_ASSIGN(const auto workflow, workflows.load(workflow_id));
    for (const auto& job : workflow.jobs) {
        if (job.id != ref.job || static_cast<std::size_t>(ref.task) >= job.tasks.size()) continue;
        for (const auto& attempt : job.tasks[static_cast<std::size_t>(ref.task)].attempts) {
            if (attempt.number == ref.attempt) return StoredAttempt{workflow.project, workflow.id, attempt};
        }
    }
    return not_found("there is no attempt " + ref.id().text);
}

}  // namespace gyre::gateway
