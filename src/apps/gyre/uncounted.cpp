#include "apps/gyre/uncounted.h"

#include <optional>

#include "apps/gyre/cli.h"

namespace gyre::apps {
namespace {

json::array list_in(const json::value& object, std::string_view name) {
    const auto* map = object.if_object();
    const auto* list = map ? map->if_contains(name) : nullptr;
    return list && list->is_array() ? list->get_array() : json::array{};
}

// The last one that was asked for.
std::optional<json::value> last_attempt(const json::value& tasks, const NamedRun& run) {
    std::optional<json::value> last;
    for (const auto& task : list_in(tasks, "tasks")) {
        if (run.task >= 0 && number_of(task, "index") != run.task) continue;
        for (const auto& attempt : list_in(task, "attempts")) {
            if (run.attempt == 0 || number_of(attempt, "number") == run.attempt) last = attempt;
        }
    }
    return last;
}

// A step of the job's own: what stands before them makes the place.
bool came_to_its_steps(const json::value& attempt) {
    for (const auto& step : list_in(attempt, "steps")) {
        if (number_of(step, "index") > 0) return true;
    }
    return false;
}

std::string reason_of(const json::value& attempt) {
    const auto* map = attempt.if_object();
    const auto* outcome = map ? map->if_contains("outcome") : nullptr;
    return outcome ? text_of(*outcome, "reason") : "";
}

}  // namespace

std::string why_nothing_was_counted(const json::value& tasks, const NamedRun& run) {
    const auto attempt = last_attempt(tasks, run);
    if (!attempt) return "it has not begun";
    if (text_of(*attempt, "state") != "finished") return "it has just begun; the first numbers come some seconds later";
    if (came_to_its_steps(*attempt))
        return "its agent was lost before it could tell, or it ran before this was counted";
    const std::string reason = reason_of(*attempt);
    return "it ended before its first step" + (reason.empty() ? "" : ": " + reason);
}

}  // namespace gyre::apps
