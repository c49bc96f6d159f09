#include "apps/gyre/watch.h"

#include <fmt/format.h>

#include <chrono>
#include <optional>
#include <thread>

#include "apps/gyre/cli.h"
#include "apps/gyre/terminal.h"

namespace gyre::apps {
namespace {

constexpr const char* events_target = "/api/v2/gyre/events";
constexpr std::chrono::minutes longest_absence{2};  // of the server
constexpr std::chrono::milliseconds pause_between_calls{500};

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

// Looks whenever the server has news of the pipeline, until it is over or the connection ends. The first words of the
// stream are a greeting: from then on nothing is missed, so that is when to look first.
Result<void> listen(ApiClient& client, const std::string& pipeline, Watching watching, std::optional<int>& code) {
    ApiClient ears = client.another();
    std::string unread;
    bool greeted = false;
    return ears.stream(events_target, [&](std::string_view bytes) -> Result<void> {
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
}

}  // namespace

Result<int> watch_pipeline(ApiClient& client, const std::string& pipeline, Watching watching) {
    GYRE_TRY_ASSIGN(const auto facts, client.get("/api/v2/pipeline/" + pipeline));
    if (text_of(facts, "state") == "errored") return config_errors(facts, watching);
    std::optional<int> code;
    // A server that restarts loses nothing, and so do we.
    for (auto give_up = std::chrono::steady_clock::now() + longest_absence;
         std::chrono::steady_clock::now() < give_up;) {
        const auto began = std::chrono::steady_clock::now();
        const auto heard = listen(client, pipeline, watching, code);
        if (code) return *code;
        if (!heard && heard.error().fault != Fault::unavailable) return heard.error();
        const auto now = std::chrono::steady_clock::now();
        if (now - began > pause_between_calls) give_up = now + longest_absence;  // it was there
        std::this_thread::sleep_for(pause_between_calls);
    }
    return unavailable("the server has been away for too long; the pipeline may still run");
}

}  // namespace gyre::apps
