#include "config/check_orb.h"

#include <algorithm>

#include "config/executor.h"
#include "config/fields.h"
#include "config/hide_secrets.h"
#include "config/job.h"
#include "config/literals.h"
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

void warn_of_unused(Context& context, const Element& element) {
    for (const Parameter& one : element.parameters) {
        if (one.used) continue;
        context.warn({.code = Code::unused_parameter,
                      .at = one.key,
                      .message = "nothing refers to the parameter '" + clipped(one.name, 60) + "' of the " +
                                 std::string(word(element.kind)) + " '" + clipped(element.name, 60) + "'"});
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
        for (const auto& [name, element] : elements.of(kind)) warn_of_unused(context, element);
    }
}

void check_root(Context& context, const Node& root) {
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
    const Source source(input.file, text);
    std::vector<Diagnostic> diagnostics;
    const Document document = read(source, diagnostics, limits.read);
    if (document.root != nullptr) {
        Context context(input, limits.expanded_bytes);
        context.own = &source;
        context.version = Version::v2_1;
        context.incomplete = std::any_of(diagnostics.begin(), diagnostics.end(),
                                         [](const Diagnostic& one) { return one.code != Code::duplicate_key; });
        check_root(context, *document.root);
        check_literals(context, document);
        for (Diagnostic& one : context.take_diagnostics()) diagnostics.push_back(std::move(one));
        sort_by_use(diagnostics);
    }
    hide_secrets(diagnostics);
    return diagnostics;
}

}  // namespace gyre::config
