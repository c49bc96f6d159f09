#include "config/check_orb.h"

#include "config/examine.h"
#include "config/executor.h"
#include "config/fields.h"
#include "config/job.h"
#include "config/lint.h"
#include "config/steps.h"

namespace gyre::config {
namespace {

void check_version(Context& context, Value root) {
    const Entry* entry = root->find("version");
    if (entry == nullptr) {
        context.report({.code = Code::missing_version,
                        .at = {root->entries.empty() ? root.node : root->entries.front().key},
                        .message = "the orb does not say its version",
                        .expected = "'version: 2.1' at the top"});
    } else if (entry->value.node->text != "2.1") {
        context.report({.code = Code::unsupported_version,
                        .at = {entry->value.node},
                        .message = "an orb cannot be of version '" + clipped(entry->value.node->text, 40) + "'",
                        .expected = "2.1"});
    }
}

// `orb` is the mapping they were read from. Orbs that it imports were checked by their publishers.
void check_definitions(Context& context, const Node& orb, Elements& elements, Jobs& jobs) {
    for (auto& [name, command] : elements.commands) {
        std::vector<Step> steps;
        read_command(context, command, enter_uncalled(context, command), steps);
    }
    for (auto& [name, executor] : elements.executors) {
        read_executor_definition(context, executor, enter_uncalled(context, executor));
    }
    for (auto& [name, job] : elements.jobs) jobs.check(job);
    const Entry* orbs = orb.find("orbs");
    for (const auto& [alias, use] : elements.orbs) {
        const Entry* inner = orbs == nullptr ? nullptr : orbs->value.node->find(alias);
        const bool inline_ = inner != nullptr && inner->value.node->kind == NodeKind::mapping;
        if (inline_ && use.elements != nullptr) check_definitions(context, *inner->value.node, *use.elements, jobs);
    }
    if (has_errors(context.diagnostics())) return;  // what is broken may be what would use them
    for (const ElementKind kind : {ElementKind::command, ElementKind::executor, ElementKind::job}) {
        for (const auto& [name, element] : elements.of(kind)) check_parameters(context, element);
    }
}

void check_root(Context& context, const Node& root) {
    context.version = Version::v2_1;
    Elements elements;
    elements.is_orb = true;
    elements.scope.elements = &elements;
    const Value value{&root, nullptr, &elements.scope};
    if (root.kind != NodeKind::mapping) return report_wrong_type(context, value, "the orb", shape::mapping);
    check_version(context, value);
    const Fields checked(context, value, keys::orb);
    read_elements(context, value, elements);
    Jobs jobs(context);
    check_definitions(context, root, elements, jobs);
}

}  // namespace

std::vector<Diagnostic> check_orb(std::string_view text, const CompileInput& input, const CompileLimits& limits) {
    return examine(text, input, limits, check_root);
}

}  // namespace gyre::config
