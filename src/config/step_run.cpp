#include "config/duration.h"
#include "config/environment.h"
#include "config/executor.h"
#include "config/steps.h"

namespace gyre::config {
namespace {

constexpr int most_auto_reruns = 5;
constexpr std::int64_t longest_rerun_delay = 600'000;

std::optional<std::int64_t> read_duration(Context& context, const Fields& fields, std::string_view key) {
    const Value value = fields.get(key);
    const std::string text = fields.text(key);
    if (text.empty()) return std::nullopt;
    const auto duration = parse_duration(text);
    if (!duration) {
        context.report({.code = Code::bad_value,
                        .at = value,
                        .message = "'" + text.substr(0, 60) + "' is not a duration for '" + std::string(key) + "'",
                        .expected = "a number with s, m or h, such as 90s, 20m or 1.25h"});
        return std::nullopt;
    }
    if (!duration->has_unit) {
        context.warn({.code = Code::bad_value,
                      .at = value,
                      .message = "'" + std::string(key) + "' has no unit and is taken as seconds",
                      .expected = text + "s"});
    }
    return duration->milliseconds;
}

void read_reruns(Context& context, const Fields& fields, RunStep& step) {
    step.max_auto_reruns = fields.integer("max_auto_reruns", 1, most_auto_reruns).value_or(0);
    if (step.max_auto_reruns > 0 && step.background) {
        context.report({.code = Code::bad_value,
                        .at = fields.key("max_auto_reruns"),
                        .message = "a background step cannot be rerun: nobody waits for its end"});
    }
    const auto delay = read_duration(context, fields, "auto_rerun_delay");
    if (!delay) return;
    step.auto_rerun_delay_ms = *delay;
    if (!fields.mentions("max_auto_reruns")) {
        context.report({.code = Code::missing_key,
                        .at = fields.key("auto_rerun_delay"),
                        .message = "'auto_rerun_delay' needs 'max_auto_reruns'"});
    }
    if (*delay > longest_rerun_delay) {
        context.report({.code = Code::bad_value,
                        .at = fields.get("auto_rerun_delay"),
                        .message = "'auto_rerun_delay' is longer than 10 minutes, the limit",
                        .expected = "1s to 10m"});
    }
}

// False where there is nothing to run.
bool check_command(Context& context, Value at) {
    if (!at.is(NodeKind::scalar) || !at->text.empty()) return true;
    if (lacks_value(context, at, "the command")) return false;
    context.report({.code = Code::bad_value, .at = at, .message = "the command is empty"});
    return true;
}

}  // namespace

std::optional<Step> read_run(Context& context, const StepSpec& spec, Value at, Value attributes) {
    RunStep step;
    step.deploy = spec.kind == StepKind::deploy;
    if (step.deploy) {
        context.warn({.code = Code::deprecated_key,
                      .at = at,
                      .message = "the step `deploy` is deprecated: use `run`, in a job of its own"});
    }
    if (attributes.is(NodeKind::scalar)) {
        step.command = context.text(attributes);
        step.name = context.text(attributes);
        return check_command(context, attributes) ? std::optional<Step>(std::move(step)) : std::nullopt;
    }
    const Fields fields(context, attributes, spec.attributes, at);
    step.command = fields.text("command");
    const bool runs = check_command(context, fields.get("command"));
    step.name = fields.text("name");
    if (step.name.empty()) step.name = step.command;
    step.shell = read_shell(fields);
    step.environment = read_environment(context, fields.get("environment"));
    step.working_directory = fields.text("working_directory");
    step.background = fields.flag("background");
    step.no_output_timeout_ms = read_duration(context, fields, "no_output_timeout").value_or(step.no_output_timeout_ms);
    step.when = read_step_condition(context, fields, step.when);
    read_reruns(context, fields, step);
    return runs ? std::optional<Step>(std::move(step)) : std::nullopt;
}

}  // namespace gyre::config
