#include "apps/gyre/watch.h"

#include <fmt/format.h>

#include <optional>

#include "apps/gyre/cli.h"
#include "apps/gyre/news.h"
#include "apps/gyre/terminal.h"

namespace gyre::apps {
namespace {

bool is_over(const std::string& status) {
    const auto known = enum_from<WorkflowStatus>(status);
    return known && is_terminal(*known);
}

Result<int> config_errors(const json::value& pipeline, Watching watching) {
    const auto* errors = pipeline.is_object() ? pipeline.get_object().if_contains("errors") : nullptr;
    if (watching == Watching::aloud && errors && errors->is_array()) {
        for (const auto& error : errors->get_array()) fmt::print("{}\n", text_of(error, "message"));
    }
    return exit_failed;
}

// The exit code once every workflow is over; nothing while one still runs.
Result<std::optional<int>> look(ApiClient& client, const std::string& pipeline, Watching watching) {
    GYRE_TRY_ASSIGN(const auto answer, client.get("/api/v2/pipeline/" + pipeline + "/workflow"));
    int code = 0;
    const auto workflows = items_of(answer);
    for (const auto& workflow : workflows) {
        const std::string status = text_of(workflow, "status");
        if (!is_over(status)) return std::optional<int>();
        if (status != "success") code = exit_failed;
    }
    if (watching == Watching::aloud) {
        if (workflows.empty()) fmt::print("no workflow runs for this branch or tag\n");
        for (const auto& workflow : workflows) {
            const std::string status = text_of(workflow, "status");
            fmt::print("workflow {}: {}\n", text_of(workflow, "name"), coloured(colour_of_status(status), status));
        }
    }
    return std::optional<int>(code);
}

}  // namespace

Result<int> watch_pipeline(ApiClient& client, const std::string& pipeline, Watching watching) {
    GYRE_TRY_ASSIGN(const auto facts, client.get("/api/v2/pipeline/" + pipeline));
    if (text_of(facts, "state") == "errored") return config_errors(facts, watching);
    std::optional<int> code;
    const NewsListener listener{
        .concerns =
            [&](std::string_view line) { return line.empty() || line.find(pipeline) != std::string_view::npos; },
        .look = [&]() -> Result<bool> {
            GYRE_TRY_ASSIGN(code, look(client, pipeline, watching));
            return code.has_value();
        }};
    GYRE_TRY(listen_until_over(client, listener));
    return *code;
}

}  // namespace gyre::apps
