#include "config/compile.h"

#include <algorithm>

#include "config/fields.h"
#include "config/job.h"
#include "config/nearest.h"
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
    const std::string& version = entry->value.node->text;
    if (version == "2.1") context.version = Version::v2_1;
    if (version == "2" || version == "2.0" || version == "2.1") return true;
    context.report({.code = Code::unsupported_version,
                    .at = {entry->value.node->kind == NodeKind::null ? entry->key : entry->value.node},
                    .message = "version '" + version.substr(0, 40) + "' is not supported",
                    .expected = "one of 2, 2.0, 2.1"});
    return false;
}

void collect_names(Value root, std::string_view key, std::set<std::string, std::less<>>& names) {
    const Entry* entry = root->find(key);
    if (entry == nullptr || entry->value.node->kind != NodeKind::mapping) return;
    for (const Entry& one : entry->value.node->entries) names.insert(one.key->text);
}

Plan plan_config(Context& context, Value root) {
    Plan plan;
    if (context.version == Version::v2_1) {
        collect_names(root, "orbs", context.unavailable.orbs);
        collect_names(root, "commands", context.unavailable.elements);
        collect_names(root, "job-groups", context.unavailable.elements);
    }
    const Fields fields(context, root, keys::top_level);
    Jobs jobs = read_jobs(context, fields.get("jobs"));
    plan_workflows(context, root, fields.get("workflows"), jobs, plan);
    return plan;
}

// Reads the document's root; the answer is of use only when nothing was wrong.
Plan compile_root(Context& context, const Node& root) {
    if (root.kind != NodeKind::mapping) {
        report_wrong_type(context, {&root}, "the config", shape::mapping);
        return {};
    }
    return read_version(context, {&root}) ? plan_config(context, {&root}) : Plan{};
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
    if (has_errors(diagnostics)) plan.reset();
    return {std::move(plan), std::move(diagnostics)};
}

}  // namespace gyre::config
