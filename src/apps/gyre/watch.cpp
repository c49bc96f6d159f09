#include "apps/gyre/watch.h"

#include <fmt/format.h>

#include <optional>

#include "apps/gyre/cli.h"
#include "apps/gyre/terminal.h"

namespace gyre::apps {
namespace {

constexpr const char* events_target = "/api/v2/gyre/events";

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
    ApiClient ears = client.another();
    // Any event is a reason to look when it is of this pipeline; the first (the greeting) as well, for what was missed.
    std::string unread;
    bool greeted = false;
    const auto heard = ears.stream(events_target, [&](std::string_view bytes) -> Result<void> {
        unread += bytes;
        const auto end = unread.rfind('\n');
        if (end == std::string::npos) return {};
        const bool ours = unread.find(pipeline) < end;
        unread.erase(0, end + 1);
        if (greeted && !ours) return {};
        greeted = true;
        GYRE_TRY_ASSIGN(code, look(client, pipeline, watching));
        return code ? Result<void>(conflict("seen enough")) : Result<void>();
    });
    if (code) return *code;
    return heard ? unavailable("the server closed the connection before the pipeline was over") : heard.error();
}

}  // namespace gyre::apps
