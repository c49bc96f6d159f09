#include "apps/gyre/job_log.h"

#include <fmt/format.h>

#include "apps/gyre/cli.h"
#include "apps/gyre/terminal.h"
#include "base/terminal_text.h"
#include "model/attempt_name.h"
#include "model/status.h"

namespace gyre::apps {
namespace {

const json::array& array_of(const json::value& object, std::string_view key) {
    static const json::array none;
    const auto* map = object.if_object();
    const auto* value = map ? map->if_contains(key) : nullptr;
    return value && value->is_array() ? value->get_array() : none;
}

bool is_true(const json::value& object, std::string_view key) {
    const auto* map = object.if_object();
    const auto* value = map ? map->if_contains(key) : nullptr;
    return value && *value == json::value(true);
}

std::string output_key(const std::string& attempt, std::int64_t step) { return attempt + "/" + std::to_string(step); }

// "infrastructure failed: the agent process ended"
std::string ending_of(const json::value& attempt) {
    const auto* map = attempt.if_object();
    const auto* outcome = map ? map->if_contains("outcome") : nullptr;
    if (!outcome || !outcome->is_object()) return "not over";
    std::string kind = text_of(*outcome, "kind");
    for (char& c : kind) c = c == '_' ? ' ' : c;
    const std::string reason = text_of(*outcome, "reason");
    return reason.empty() ? kind : kind + ": " + reason;
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

}  // namespace

bool JobLog::concerns(std::string_view news) {
    const bool ours = job_.empty() || news.empty() || news.find(job_) != std::string_view::npos ||
                      news.find("\"missed\"") != std::string_view::npos;
    if (!ours) return false;
    const auto told = parse_json(news.empty() ? "{}" : news);
    if (told && text_of(*told, "kind") == "output" && !job_.empty()) {
        grown_.insert(output_key(text_of(*told, "attempt"), number_of(*told, "step")));
    } else {
        stale_ = true;
    }
    return true;
}

Result<bool> JobLog::look() {
    if (stale_) {
        GYRE_TRY_ASSIGN(answer_, source_.tasks());
        stale_ = false;
        waiting_ = text_of(answer_, "waiting_for");
        reason_ = text_of(answer_, "reason");
    }
    const auto& tasks = array_of(answer_, "tasks");
    bool over = true;
    for (const auto& task : tasks) {
        const auto index = number_of(task, "index");
        if (choice_.task >= 0 && index != choice_.task) continue;
        task_seen_ = true;
        if (choice_.raw && choice_.follow && !over) break;  // its turn comes
        const bool marked = tasks.size() > 1 && choice_.task < 0 && !choice_.raw;
        auto looked = look_at_task(task, marked ? fmt::format("[{}] ", index) : "");
        if (!looked) {
            stale_ = true;  // what was not read yet is asked for again
            return looked;
        }
        over = *looked && over;
    }
    grown_.clear();
    return over;
}

// Whether the task is over and all of it was printed.
Result<bool> JobLog::look_at_task(const json::value& task, const std::string& mark) {
    const auto& attempts = array_of(task, "attempts");
    for (std::size_t i = 0; i < attempts.size(); ++i) {
        const std::string id = text_of(attempts[i], "id");
        if (const auto ref = parse_attempt_id(id)) job_ = ref->job.text;
        if (attempts_seen_.insert(id).second && attempts.size() > 1) {
            const std::string before = i == 0 ? ""
                                              : fmt::format(" (attempt {} {})", number_of(attempts[i - 1], "number"),
                                                            ending_of(attempts[i - 1]));
            print_header(mark, coloured(Colour::yellow,
                                        fmt::format("== attempt {}{}", number_of(attempts[i], "number"), before)));
        }
        GYRE_TRY_ASSIGN(const bool over, look_at_attempt(attempts[i], mark));
        if (!over) return false;
    }
    return text_of(task, "status") == name_of(TaskStatus::finished);
}

Result<bool> JobLog::look_at_attempt(const json::value& attempt, const std::string& mark) {
    const Place place{text_of(attempt, "id"), text_of(attempt, "state") == name_of(AttemptState::finished), mark};
    for (const auto& step : array_of(attempt, "steps")) {
        if (choice_.step >= 0 && number_of(step, "index") != choice_.step) continue;
        step_seen_ = true;
        GYRE_TRY_ASSIGN(const bool over, look_at_step(step, place));
        // A later step's lines would stand under this one's header; only a background step goes on beside others.
        if (!over && choice_.follow && !is_true(step, "background")) return false;
    }
    return place.attempt_over;
}

// Whether the step is over and all of it was printed.
Result<bool> JobLog::look_at_step(const json::value& record, const Place& place) {
    const auto index = number_of(record, "index");
    const std::string key = output_key(place.attempt, index);
    Step& step = steps_[key];
    if (step.closed) return true;
    const std::string status = text_of(record, "status");
    const std::string name = terminal_line(first_line(text_of(record, "name")));
    const auto announced = number_of(record, "output_bytes");
    if (status == name_of(StepStatus::skipped) && announced == 0) {  // others say why they were
        print_header(place.mark, coloured(Colour::grey, fmt::format("-- {}: skipped", name)));
        step.closed = true;
        return true;
    }
    const bool ended = status != name_of(StepStatus::running) || place.attempt_over;
    const bool background = is_true(record, "background") && choice_.step < 0;
    if (background && !ended && choice_.follow) return false;  // its lines would stand under others' headers
    if (!std::exchange(step.opened, true)) print_header(place.mark, coloured(Colour::bold, "== " + name));
    if (step.printed < announced || grown_.contains(key)) GYRE_TRY(copy_output(static_cast<int>(index), step, place));
    const bool over = ended && (step.printed >= announced || place.attempt_over);
    if (over || !choice_.follow) close(step, place);
    return over;
}

Result<void> JobLog::copy_output(int index, Step& step, const Place& place) {
    if ((choice_.line > 0 || choice_.tail > 0) && !step.placed) {
        GYRE_TRY_ASSIGN(step.printed, source_.place(place.attempt, index, choice_));
        step.placed = true;
    }
    return source_.output(place.attempt, index, step.printed, [&](std::string_view bytes) -> Result<void> {
        take(bytes, step, place);
        return {};
    });
}

std::string JobLog::missing() const {
    if (choice_.task >= 0 && !task_seen_) return fmt::format("task {}", choice_.task);
    return choice_.step >= 0 && !step_seen_ ? fmt::format("step {}", choice_.step) : "";
}

void JobLog::take(std::string_view bytes, Step& step, const Place& place) {
    step.printed += std::ssize(bytes);
    if (place.mark.empty()) {
        print_(bytes);
        if (!bytes.empty()) at_line_start_ = bytes.ends_with('\n');
        return;
    }
    step.unfinished += bytes;
    print_(take_marked_lines(place.mark, step.unfinished));
}

void JobLog::close(Step& step, const Place& place) {
    if (!step.unfinished.empty()) print_(place.mark + std::exchange(step.unfinished, {}) + "\n");
    step.closed = true;
}

void JobLog::print_header(const std::string& mark, const std::string& text) {
    if (choice_.raw) return;
    print_((at_line_start_ ? "" : "\n") + mark + text + "\n");
    at_line_start_ = true;
}

}  // namespace gyre::apps
