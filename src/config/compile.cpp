#include "config/compile.h"

#include <algorithm>

#include "config/examine.h"
#include "config/expansion.h"
#include "config/fields.h"
#include "config/job_names.h"
#include "config/lint.h"
#include "config/pipeline_values.h"
#include "config/scalar.h"

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

// What the trigger gave; null when it gave nothing.
Value given_value(Context& context, const Parameter& parameter) {
    const CompileInput& input = context.input();
    if (const auto typed = input.parameters.find(parameter.name); typed != input.parameters.end()) {
        return context.scalar_like(parameter.key, operand_of(typed->second));
    }
    const auto text = input.parameter_texts.find(parameter.name);
    if (text == input.parameter_texts.end()) return {};
    const bool plain = parameter.type == ParameterType::boolean || parameter.type == ParameterType::integer;
    return context.scalar_like(parameter.key, text->second, plain ? ScalarStyle::plain : ScalarStyle::quoted);
}

void report_undeclared(Context& context, Value at, const std::string& name) {
    context.report({.code = Code::unknown_argument,
                    .at = at,
                    .message = "the config declares no pipeline parameter '" + clipped(name, 60) + "', which was given",
                    .expected = "'" + clipped(name, 60) + "' under 'parameters', or a trigger without it"});
}

// The parameters that the trigger gave, as far as the config declares them, and the defaults of the others.
void bind_pipeline(Context& context, Value root, std::vector<Parameter>& declared) {
    const Entry* section = root->find("parameters");
    if (section != nullptr) {
        declared = read_parameters(context, context.value_of(root, *section), std::nullopt);
    }
    for (Parameter& one : declared) {
        const Value given = given_value(context, one);
        Value value = one.default_value ? one.default_value : context.broken_like(one.key);
        if (given) value = check_argument(context, one, given);
        context.pipeline_parameters[one.name] = {value, &one, !given};
    }
    const Value at = section == nullptr ? root : context.key_of(root, *section);
    const auto report_unless_declared = [&](const auto& given) {
        if (!context.pipeline_parameters.contains(given.first)) report_undeclared(context, at, given.first);
    };
    for (const auto& one : context.input().parameters) report_unless_declared(one);
    for (const auto& one : context.input().parameter_texts) report_unless_declared(one);
}

// The config that the setup hands over may have other workflows, so a schedule would have nothing to start.
void check_no_schedules(Context& context, Value root) {
    const Entry* section = root->find("workflows");
    if (section == nullptr || section->value.node->kind != NodeKind::mapping) return;
    const Value workflows = context.value_of(root, *section);
    if (!workflows) return;
    for (const Entry& entry : workflows->entries) {
        if (entry.value.node->kind != NodeKind::mapping) continue;
        const Entry* triggers = entry.value.node->find("triggers");
        if (triggers == nullptr) continue;
        context.report({.code = Code::setup_conflict,
                        .at = context.key_of(workflows, *triggers),
                        .message = "a setup config cannot have schedules",
                        .expected = "the schedule in the config that the setup continues with"});
    }
}

// In version 2, where the key may mean anything, `true` alone means this (config/process.h).
bool read_setup(Context& context, Value root, const Fields& fields) {
    const Entry* entry = root->find("setup");
    if (context.version == Version::v2) return entry != nullptr && as_boolean(*entry->value.node) == true;
    const bool setup = fields.flag("setup");
    if (setup && context.input().is_continuation) {
        context.report({.code = Code::setup_conflict,
                        .at = fields.key("setup"),
                        .message = "a config that continues a setup workflow cannot be a setup config itself"});
    }
    if (setup) check_no_schedules(context, root);
    return setup;
}

// In version 2 the keys of 2.1 may mean anything: what holds an anchor is of some use, and so is what is taken all the
// same (read_setup, read_groups).
void check_newer_keys(Context& context, Value root, const Elements& elements) {
    if (context.version != Version::v2) return;
    for (const KeySpec& key : keys::top_level.keys) {
        const Entry* entry = key.since == Since::v2_1 ? root->find(key.name) : nullptr;
        if (entry == nullptr || holds_anchor(*entry)) continue;
        const Node& value = *entry->value.node;
        const bool empty = value.kind == NodeKind::null || (value.kind == NodeKind::mapping && value.entries.empty());
        const bool taken =
            (key.name == "setup" && as_boolean(value)) || (key.name == "job-groups" && !elements.groups.empty());
        if (taken || empty) continue;
        const std::string quoted = "'" + std::string(key.name) + "'";
        context.warn({.code = Code::needs_version_2_1,
                      .at = context.key_of(root, *entry),
                      .message = quoted + " needs 'version: 2.1'; in version 2 it does nothing"});
    }
}

// Each may hand over a config, and only one can be continued.
void check_one_workflow(Context& context, Value at, const Plan& plan) {
    if (plan.workflows.size() < 2 || !at) return;
    context.report({.code = Code::setup_conflict,
                    .at = at,
                    .message = "in a setup config one workflow runs; here '" + clipped(plan.workflows[0].name, 60) +
                               "' and '" + clipped(plan.workflows[1].name, 60) + "' would",
                    .expected = "one workflow, or conditions of which one holds"});
}

using Use = std::function<void(Context&, Expansion&)>;

void expand_config(Context& context, Value root, Elements& elements, std::vector<Parameter>& parameters,
                   const Use& use) {
    const Fields fields(context, root, keys::top_level);
    if (context.version == Version::v2_1) bind_pipeline(context, root, parameters);
    read_elements(context, root, elements);
    read_groups(context, root, elements);
    check_newer_keys(context, root, elements);
    Jobs jobs(context);
    Expansion expansion{read_workflows(context, root, fields.get("workflows"), jobs), jobs,
                        read_setup(context, root, fields), fields.key("setup")};
    const Entry* section = root->find("workflows");
    const bool readable = section == nullptr || fields.has("workflows") || section->value.node->kind == NodeKind::null;
    const bool known = readable && std::all_of(expansion.workflows.begin(), expansion.workflows.end(),
                                               [](const WorkflowDraft& one) { return one.complete; });
    check_unused(context, elements, parameters, jobs, known);
    for (const WorkflowDraft& workflow : expansion.workflows) check_reachable(context, workflow);
    if (has_errors(context.diagnostics())) return;
    settle_jobs(expansion.workflows, jobs);
    use(context, expansion);
}

void expand_root(Context& context, const Node& root, const Use& use) {
    Elements elements;
    std::vector<Parameter> parameters;
    elements.scope.elements = &elements;
    const Value value{&root, nullptr, &elements.scope};
    if (root.kind != NodeKind::mapping) return report_wrong_type(context, value, "the config", shape::mapping);
    if (read_version(context, value)) expand_config(context, value, elements, parameters, use);
}

}  // namespace

std::vector<Diagnostic> expand(std::string_view text, const CompileInput& input, const CompileLimits& limits,
                               const Use& use) {
    return examine(text, input, limits, [&](Context& context, const Node& root) { expand_root(context, root, use); });
}

CompileResult compile(std::string_view text, const CompileInput& input, const CompileLimits& limits) {
    CompileResult result;
    result.diagnostics = expand(text, input, limits, [&](Context& context, Expansion& expansion) {
        result.plan = plan_workflows(context, std::move(expansion.workflows), expansion.jobs);
        result.plan->setup = expansion.setup;
        if (expansion.setup) check_one_workflow(context, expansion.setup_at, *result.plan);
        result.orbs = context.orbs;
    });
    if (has_errors(result.diagnostics)) result.plan.reset();
    return result;
}

}  // namespace gyre::config
