#include "config/elements.h"

#include <algorithm>

#include "base/ascii.h"
#include "config/fields.h"
#include "config/nearest.h"

namespace gyre::config {
namespace {

Code unknown_code(ElementKind kind) {
    switch (kind) {
        case ElementKind::command:
            return Code::unknown_command;
        case ElementKind::executor:
            return Code::unknown_executor;
        case ElementKind::job:
            return Code::unknown_job;
    }
    return Code::unknown_job;
}

std::string in_sentence(ElementKind kind) { return "the " + std::string(name_of(kind)); }

void read_definition(Context& context, Value key, Value body, ElementKind kind, Elements& elements) {
    Element element{.kind = kind, .name = elements.prefix + key->text, .key = key, .body = body, .home = &elements};
    if (key->text.empty()) {
        context.report({.code = Code::bad_value, .at = body, .message = in_sentence(kind) + " needs a name"});
    }
    if (body.is(NodeKind::null)) {
        context.report({.code = Code::missing_key,
                        .at = key,
                        .message = in_sentence(kind) + " '" + key->text + "' is empty; is what follows indented?"});
        element.body = context.broken_like(body);
    } else if (body.is(NodeKind::mapping) && context.version == Version::v2_1) {
        const Entry* parameters = body->find("parameters");
        if (parameters != nullptr) {
            element.parameters = read_parameters(context, context.value_of(body, *parameters), kind);
        }
    }
    elements.of(kind).emplace(key->text, std::move(element));
}

// Names of jobs must differ in more than case.
class FoldedNames {
public:
    void add(Context& context, Value key) {
        const auto [first, fresh] = seen_.emplace(lowered(key->text), key.node);
        if (fresh) return;
        context.report({.code = Code::duplicate_job,
                        .at = key,
                        .message = "the names of jobs must differ in more than case: '" + key->text + "' and '" +
                                   first->second->text + "'",
                        .notes = {Context::note("the other job", *first->second)}});
    }

private:
    std::map<std::string, const Node*> seen_;
};

void read_definitions(Context& context, Value mapping, ElementKind kind, Elements& elements) {
    if (!mapping.is(NodeKind::mapping)) return;
    FoldedNames folded;
    for (const Entry& entry : mapping->entries) {
        const Value body = context.value_of(mapping, entry);
        if (!body || !context.spend(sizeof(Element), body)) return;
        const Value key = context.key_of(mapping, entry);
        if (kind == ElementKind::job) folded.add(context, key);
        read_definition(context, key, body, kind, elements);
    }
}

void report_unknown(Context& context, ElementKind kind, Value name, Elements& elements, std::string_view short_name) {
    if (context.leaves_out(unknown_code(kind), name)) return;
    std::vector<std::string> names;
    for (const auto& one : elements.of(kind)) names.push_back(one.first);
    const std::string near = nearest(short_name, names);
    context.report({.code = unknown_code(kind),
                    .at = name,
                    .message = "the orb '" + elements.prefix.substr(0, elements.prefix.size() - 1) + "' has no " +
                               std::string(name_of(kind)) + " '" + clipped(short_name, 60) + "'",
                    .suggestion = near.empty() ? "" : elements.prefix + near});
}

bool is_name(std::string_view text) {
    const auto is_inner = [](char c) { return is_letter_or_digit(c) || c == '_' || c == '-'; };
    return !text.empty() && is_letter(text.front()) && std::all_of(text.begin(), text.end(), is_inner);
}

// A shell command where a step should be has slashes, too.
bool is_of_orb(ElementKind kind, Value name, std::size_t slash) {
    const std::string_view text = name->text;
    const std::string_view alias = text.substr(0, slash);
    if (name.scope->elements->orbs.contains(alias)) return true;
    return is_name(alias) && (kind != ElementKind::command || is_name(text.substr(slash + 1)));
}

Lookup find_in_orb(Context& context, ElementKind kind, Value name, std::size_t slash) {
    const std::string_view text = name->text;
    auto& orbs = name.scope->elements->orbs;
    const auto orb = orbs.find(text.substr(0, slash));
    if (orb == orbs.end()) {
        std::vector<std::string> aliases;
        for (const auto& one : orbs) {
            if (aliases.size() < most_candidates) aliases.push_back(one.first);
        }
        const std::string near = nearest(text.substr(0, slash), aliases);
        const std::string alias = clipped(text.substr(0, slash), 60);
        const bool image = kind == ElementKind::executor && text.find(':') != std::string_view::npos;
        context.report({.code = Code::unknown_orb,
                        .at = name,
                        .message = "no orb is imported as '" + alias + "'",
                        .expected = image ? "the name of an executor; an image goes into 'docker: [{image: ...}]'"
                                          : "an entry of 'orbs': '" + alias + ": namespace/name@version'",
                        .suggestion = near.empty() ? "" : near + std::string(text.substr(slash))});
        return {nullptr, true};
    }
    orb->second.used = true;
    if (orb->second.elements == nullptr) return {nullptr, true};
    const std::string_view short_name = text.substr(slash + 1);
    auto& elements = orb->second.elements->of(kind);
    if (const auto found = elements.find(short_name); found != elements.end()) return {&found->second, true};
    report_unknown(context, kind, name, *orb->second.elements, short_name);
    return {nullptr, true};
}

}  // namespace

std::map<std::string, Element, std::less<>>& Elements::of(ElementKind kind) {
    switch (kind) {
        case ElementKind::command:
            return commands;
        case ElementKind::executor:
            return executors;
        case ElementKind::job:
            break;
    }
    return jobs;
}

void read_elements(Context& context, Value root, Elements& elements) {
    root.scope = &elements.scope;
    const auto section = [&](std::string_view key) -> Value {
        const Entry* entry = root->find(key);
        return entry == nullptr ? Value{} : context.value_of(root, *entry);
    };
    if (context.version == Version::v2_1) {
        read_orbs(context, section("orbs"), elements);
        read_definitions(context, section("commands"), ElementKind::command, elements);
        read_definitions(context, section("executors"), ElementKind::executor, elements);
    }
    read_definitions(context, section("jobs"), ElementKind::job, elements);
}

Lookup find_element(Context& context, ElementKind kind, Value name) {
    auto& elements = name.scope->elements->of(kind);
    if (const auto found = elements.find(name->text); found != elements.end()) return {&found->second, true};
    const auto slash = name->text.find('/');
    if (slash == std::string::npos || context.version == Version::v2) return {};
    if (!is_of_orb(kind, name, slash)) return {};
    return find_in_orb(context, kind, name, slash);
}

std::vector<std::string> element_names(ElementKind kind, const Scope& scope) {
    std::vector<std::string> names;
    for (const auto& one : scope.elements->of(kind)) {
        if (names.size() >= most_candidates) return names;
        names.push_back(one.first);
    }
    for (const auto& [alias, orb] : scope.elements->orbs) {
        if (orb.elements == nullptr) continue;
        for (const auto& one : orb.elements->of(kind)) {
            if (names.size() >= most_candidates) return names;
            names.push_back(alias + "/" + one.first);
        }
    }
    return names;
}

}  // namespace gyre::config
