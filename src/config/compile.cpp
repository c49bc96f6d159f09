#include "config/compile.h"

#include <algorithm>

#include "config/executor.h"
#include "config/hide_secrets.h"
#include "config/pipeline_values.h"
#include "config/steps.h"
#include "config/workflow.h"

namespace gyre::config {
namespace {

bool read_version(Context& context, Value root) {
    const Entry* entry = root->find("version");
    if (entry == nullptr) {
        context.report({.code = Code::missing_version,
                        .at = {root->entries.empty() ? root.node : root->entries.front().key},
                        .message = "the config does not say its version",
                        .expected = "'version: 2.1' (or 2) at the top"});
        return false;
    }
    if (entry->value.node->kind == NodeKind::null) {
        context.report({.code = Code::missing_version,
                        .at = {entry->key},
                        .message = "'version' has no value",
                        .expected = "2.1, or 2"});
        return false;
    }
    const std::string& version = entry->value.node->text;
    if (version == "2.1") context.version = Version::v2_1;
    if (version == "2" || version == "2.0" || version == "2.1") return true;
    context.report({.code = Code::unsupported_version,
                    .at = {entry->value.node},
                    .message = "version '" + version.substr(0, 40) + "' is not supported",
                    .expected = "one of 2, 2.0, 2.1"});
    return false;
}

// The parameters that the trigger gave, as far as the config declares them, and the defaults of the others.
void bind_pipeline(Context& context, Value root, std::vector<Parameter>& declared) {
    const Entry* section = root->find("parameters");
    if (section != nullptr) {
        declared = read_parameters(context, context.value_of(root, *section), ParameterOwner::pipeline);
    }
    for (Parameter& one : declared) {
        const auto given = context.input().parameters.find(one.name);
        Value value = one.default_value ? one.default_value : context.broken_like(one.key);
        if (given != context.input().parameters.end()) {
            value = check_argument(context, one, context.scalar_like(one.key, operand_of(given->second)));
        }
        context.pipeline_parameters[one.name] = {value, &one, given == context.input().parameters.end()};
    }
    for (const auto& [name, value] : context.input().parameters) {
        if (context.pipeline_parameters.contains(name)) continue;
        context.report(
            {.code = Code::unknown_argument,
             .at = section == nullptr ? root : context.key_of(root, *section),
             .message = "the config declares no pipeline parameter '" + clipped(name, 60) + "', which was given",
             .expected = "'" + clipped(name, 60) + "' under 'parameters', or a trigger without it"});
    }
}

bool read_setup(Context& context, const Fields& fields) {
    const bool setup = fields.flag("setup");
    if (setup && context.input().is_continuation) {
        context.report({.code = Code::setup_conflict,
                        .at = fields.key("setup"),
                        .message = "a config that continues a setup workflow cannot be a setup config itself"});
    }
    return setup;
}

// Whether a complaint about a name has said that this one is meant: then it is not unused, only misspelled.
bool is_suggested(const Context& context, std::string_view name) {
    const auto& all = context.diagnostics();
    return std::any_of(all.begin(), all.end(), [&](const Diagnostic& one) { return one.suggestion == name; });
}

bool misses_build_job(const Context& context) {
    const auto& all = context.diagnostics();
    return std::any_of(all.begin(), all.end(),
                       [](const Diagnostic& one) { return one.code == Code::missing_build_job; });
}

void warn_unused(Context& context, const Element& element, Code code, std::string message) {
    if (context.full() || is_suggested(context, element.key->text)) return;
    context.warn({.code = code, .at = element.key, .message = std::move(message)});
}

// Everything that nothing used is read too, for its mistakes.
void check_unused(Context& context, Elements& elements, Jobs& jobs) {
    const bool nothing_runs = misses_build_job(context);
    for (auto& [name, job] : elements.jobs) {
        if (job.used) continue;
        jobs.check(job);
        if (nothing_runs || !job.body.is(NodeKind::mapping)) continue;  // and has been reported
        warn_unused(context, job, Code::unused_job, "no workflow uses the job '" + name + "'");
    }
    for (auto& [name, command] : elements.commands) {
        if (command.used) continue;
        std::vector<Step> steps;
        read_command(context, command, enter_uncalled(context, command), steps);
        warn_unused(context, command, Code::unused_command, "nothing uses the command '" + name + "'");
    }
    for (auto& [name, executor] : elements.executors) {
        if (executor.used) continue;
        read_executor_definition(context, executor, enter_uncalled(context, executor));
        warn_unused(context, executor, Code::unused_executor, "nothing uses the executor '" + name + "'");
    }
}

Plan plan_config(Context& context, Value root, Elements& elements, std::vector<Parameter>& parameters) {
    const Fields fields(context, root, keys::top_level);
    if (context.version == Version::v2_1) bind_pipeline(context, root, parameters);
    read_elements(context, root, elements);
    Jobs jobs(context);
    auto workflows = read_workflows(context, root, fields.get("workflows"), jobs);
    check_unused(context, elements, jobs);
    Plan plan = plan_workflows(context, std::move(workflows), jobs);
    plan.setup = read_setup(context, fields);
    return plan;
}

// Reads the document's root; the answer is of use only when nothing was wrong.
Plan compile_root(Context& context, const Node& root) {
    Elements elements;
    std::vector<Parameter> parameters;
    elements.scope.elements = &elements;
    const Value value{&root, nullptr, &elements.scope};
    if (root.kind != NodeKind::mapping) {
        report_wrong_type(context, value, "the config", shape::mapping);
        return {};
    }
    return read_version(context, value) ? plan_config(context, value, elements, parameters) : Plan{};
}

}  // namespace

CompileResult compile(std::string_view text, const CompileInput& input, const CompileLimits& limits) {
    const Source source(input.file, text);
    std::vector<Diagnostic> diagnostics;
    const Document document = read(source, diagnostics, limits.read);
    std::optional<Plan> plan;
    if (document.root != nullptr) {
        Context context(input, limits.expanded_bytes);
        context.incomplete = std::any_of(diagnostics.begin(), diagnostics.end(),
                                         [](const Diagnostic& one) { return one.code != Code::duplicate_key; });
        plan = compile_root(context, *document.root);
        for (Diagnostic& one : context.take_diagnostics()) diagnostics.push_back(std::move(one));
        sort_by_use(diagnostics);
    }
    hide_secrets(diagnostics);
    if (has_errors(diagnostics)) plan.reset();
    return {std::move(plan), std::move(diagnostics)};
}

}  // namespace gyre::config
