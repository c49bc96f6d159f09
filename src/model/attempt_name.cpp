#include "model/attempt_name.h"

#include <charconv>
#include <string>

namespace gyre {
namespace {

std::optional<int> whole_number(std::string_view text, int least) {
    int number = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failed != std::errc{} || end != text.data() + text.size() || number < least) return std::nullopt;
    return number;
}

}  // namespace

std::optional<AttemptRef> parse_attempt_id(std::string_view text) {
    const auto mark = text.rfind("-a");
    const auto dash = mark == std::string_view::npos || mark == 0 ? std::string_view::npos : text.rfind('-', mark - 1);
    if (dash == std::string_view::npos || dash == 0) return std::nullopt;
    const auto task = whole_number(text.substr(dash + 1, mark - dash - 1), 0);
    const auto attempt = whole_number(text.substr(mark + 2), 1);
    if (!task || !attempt) return std::nullopt;
    return AttemptRef{JobId{std::string(text.substr(0, dash))}, *task, *attempt};
}

const Attempt* find_attempt(const Workflow& workflow, const AttemptRef& ref) {
    for (const auto& job : workflow.jobs) {
        if (job.id != ref.job || ref.task < 0 || ref.task >= std::ssize(job.tasks)) continue;
        for (const auto& attempt : job.tasks[static_cast<std::size_t>(ref.task)].attempts) {
            if (attempt.number == ref.attempt) return &attempt;
        }
    }
    return nullptr;
}

}  // namespace gyre
