#include "apps/gyre/watch.h"

#include <fmt/format.h>

#include <optional>
#include <set>
#include <string>

#include "apps/gyre/cli.h"
#include "apps/gyre/news.h"
#include "apps/gyre/terminal.h"
#include "base/terminal_text.h"

namespace gyre::apps {
namespace {

bool is_over(const std::string& status) {
    const auto known = enum_from<WorkflowStatus>(status);
    return known && is_terminal(*known);
}

Result<int> config_errors(const json::value& pipeline, Watching watching) {
    const auto* errors = pipeline.is_object() ? pipeline.get_object().if_contains("errors") : nullptr;
    if (watching == Watching::aloud && errors && errors->is_array()) {
        for (const auto& error : errors->get_array()) fmt::print("{}\n", terminal_text(text_of(error, "message")));
    }
    return exit_failed;
}

bool reruns_by_itself(const json::value& workflow) {
    const auto* again = workflow.get_object().if_contains("reruns_by_itself");
    return again && *again == json::value(true);
}

// Ids of the workflows that others have taken the place of, unasked.
std::set<std::string> run_again_by_itself(const json::array& workflows) {
    std::set<std::string> ids;
    for (const auto& workflow : workflows) {
        if (number_of(workflow, "auto_rerun_number") > 0) ids.insert(text_of(workflow, "rerun_of"));
    }
    return ids;
}

// Why its jobs ended as they did, where the server says so; how they ended is known without that.
void print_reasons(ApiClient& client, const std::string& workflow) {
    const auto answer = client.get("/api/v2/workflow/" + workflow + "/job");
    if (!answer) return;
    for (const auto& job : items_of(*answer)) {
        const std::string reason = text_of(job, "reason");
        if (!reason.empty()) fmt::print("  {}: {}\n", terminal_line(text_of(job, "name")), terminal_line(reason));
    }
}

// The exit code once every workflow is over; nothing while one still runs, or will run again by itself.
Result<std::optional<int>> look(ApiClient& client, const std::string& pipeline, const std::string& note,
                                Watching watching) {
    GYRE_TRY_ASSIGN(const auto answer, client.get("/api/v2/pipeline/" + pipeline + "/workflow"));
    int code = 0;
    const auto workflows = items_of(answer);
    const auto run_again = run_again_by_itself(workflows);
    for (const auto& workflow : workflows) {
        const std::string status = text_of(workflow, "status");
        const bool again = run_again.contains(text_of(workflow, "id"));
        if (!is_over(status) || (reruns_by_itself(workflow) && !again)) return std::optional<int>();
        if (status != "success" && !again) code = exit_failed;
    }
    if (watching == Watching::aloud) {
        if (workflows.empty() && note.empty()) fmt::print("no workflow runs for this branch or tag\n");
        if (!note.empty()) fmt::print("{}\n", terminal_line(note));
        for (const auto& workflow : workflows) {
            const std::string status = text_of(workflow, "status");
            const auto number = number_of(workflow, "auto_rerun_number");
            fmt::print("workflow {}: {}{}\n", terminal_line(text_of(workflow, "name")),
                       coloured(colour_of_status(status), status),
                       number > 0 ? fmt::format(" (rerun {} by itself)", number) : "");
            if (status != "success") print_reasons(client, text_of(workflow, "id"));
        }
    }
    return std::optional<int>(code);
}

// Thousands of jobs come and go while nothing of what is looked at changes.
bool is_about(const std::string& pipeline, std::string_view line) {
    const auto has = [&](std::string_view part) { return line.find(part) != std::string_view::npos; };
    if (line.empty() || has(R"("kind":"missed")")) return true;
    return has(pipeline) && !has(R"("kind":"job")") && !has(R"("kind":"output")");
}

}  // namespace

Result<int> watch_pipeline(ApiClient& client, const std::string& pipeline, Watching watching) {
    GYRE_TRY_ASSIGN(const auto facts, client.get("/api/v2/pipeline/" + pipeline));
    if (text_of(facts, "state") == "errored") return config_errors(facts, watching);
    std::optional<int> code;
    const NewsListener listener{.concerns = [&](std::string_view line) { return is_about(pipeline, line); },
                                .look = [&]() -> Result<bool> {
                                    GYRE_TRY_ASSIGN(code, look(client, pipeline, text_of(facts, "note"), watching));
                                    return code.has_value();
                                }};
    GYRE_TRY(listen_until_over(client, listener));
    // The config that a setup workflow hands over may be refused when that is done, or as what ends it.
    GYRE_TRY_ASSIGN(const auto end, client.get("/api/v2/pipeline/" + pipeline));
    return text_of(end, "state") == "errored" ? config_errors(end, watching) : *code;
}

}  // namespace gyre::apps
