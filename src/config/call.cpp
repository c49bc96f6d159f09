#include "config/call.h"

#include <algorithm>
#include <map>

#include "config/keys.h"
#include "config/nearest.h"
#include "config/one_of.h"

namespace gyre::config {
namespace {

// The parameters of an element by name.
class Declared {
public:
    explicit Declared(Element& element) : element_(element) {
        if (element.parameters.size() <= few) return;
        for (Parameter& one : element.parameters) by_name_.emplace(one.name, &one);
    }
    Parameter* find(std::string_view name) const {
        if (!by_name_.empty()) {
            const auto found = by_name_.find(name);
            return found == by_name_.end() ? nullptr : found->second;
        }
        const auto found = std::find_if(element_.parameters.begin(), element_.parameters.end(),
                                        [&](const Parameter& one) { return one.name == name; });
        return found == element_.parameters.end() ? nullptr : &*found;
    }

private:
    static constexpr std::size_t few = 16;  // up to here looking through the list is faster than a tree
    Element& element_;
    std::map<std::string_view, Parameter*> by_name_;
};

// Gives the nearest right name.
std::string report_unknown(Context& context, const Element& element, const Given& given) {
    if (context.leaves_out(Code::unknown_argument, given.key)) return {};
    std::vector<std::string> names;
    for (const Parameter& one : element.parameters) names.push_back(one.name);
    const std::string known = one_of(names);
    if (element.kind == ElementKind::job) {
        for (const KeySpec& key : keys::workflow_job.keys) names.emplace_back(key.name);
    }
    const std::string near = nearest(given.key->text, names);
    context.report({.code = Code::unknown_argument,
                    .at = given.key,
                    .message = "the " + std::string(name_of(element.kind)) + " '" + element.name +
                               "' has no parameter '" + clipped(given.key->text, 60) + "'",
                    .expected = near.empty() ? known : "",
                    .suggestion = near,
                    .notes = {Context::note("defined here", *element.key.node)}});
    return near;
}

Arguments bind(Context& context, Element& element, const Call& call) {
    Arguments arguments;
    const Declared known(element);
    for (const Given& given : call.given) {
        Parameter* declared = known.find(given.key->text);
        if (declared == nullptr) {
            // Whoever misspelled a name has not forgotten the argument.
            Parameter* meant = known.find(report_unknown(context, element, given));
            if (meant != nullptr) arguments.try_emplace(meant->name, Argument{context.broken_like(given.value), meant});
        } else {
            arguments[declared->name] = {check_argument(context, *declared, given.value), declared};
        }
    }
    for (Parameter& declared : element.parameters) {
        if (arguments.contains(declared.name)) continue;
        if (declared.default_value) {
            arguments[declared.name] = {declared.default_value, &declared, true};
            continue;
        }
        context.report({.code = Code::missing_argument,
                        .at = call.at,
                        .message = "the " + std::string(name_of(element.kind)) + " '" + element.name +
                                   "' needs an argument for its parameter '" + declared.name + "'",
                        .notes = {Context::note("declared here, without a default", *declared.key.node)}});
        arguments[declared.name] = {context.broken_like(call.at), &declared};
    }
    return arguments;
}

bool is_within(const Element& element, const Scope* scope) {
    while (scope != nullptr && scope->element != &element) scope = scope->caller;
    return scope != nullptr;
}

// "a -> b -> a", of an element that is called within itself.
std::string path_of_recursion(const Element& element, const Scope* scope) {
    std::string path = element.name;
    for (bool met = false; !met; scope = scope->caller) {
        if (scope->element == nullptr) continue;
        path = scope->element->name + " -> " + path;
        met = scope->element == &element;
    }
    return path;
}

Value enter(Context& context, Element& element, Arguments arguments, Value at) {
    const Scope* scope = context.keep(Scope{.elements = element.home,
                                            .parameters = context.keep(std::move(arguments)),
                                            .element = &element,
                                            .caller = at.scope});
    Value body = element.body;
    body.scope = scope;
    body.via = context.keep(Via{Via::Kind::call, at.node, at.via, scope});
    return body;
}

}  // namespace

std::vector<Given> given_by(Context& context, Value mapping, const MappingSpec* options) {
    std::vector<Given> given;
    if (!mapping.is(NodeKind::mapping)) return given;
    for (const Entry& entry : mapping->entries) {
        if (options != nullptr && options->find(entry.key->text) != nullptr) continue;
        const Value value = context.value_of(mapping, entry);
        if (value) given.push_back({context.key_of(mapping, entry), value});
    }
    return given;
}

Value enter_call(Context& context, Element& element, const Call& call) {
    element.used = true;
    if (is_within(element, call.at.scope)) {
        const std::string recursion = path_of_recursion(element, call.at.scope);
        context.report(
            {.code = Code::recursive_command,
             .at = call.at,
             .message = "the " + std::string(name_of(element.kind)) + " calls itself: " + clipped(recursion)});
        return {};
    }
    if (!context.spend(sizeof(Scope) + 128 * (1 + element.parameters.size()), call.at)) return {};
    return enter(context, element, bind(context, element, call), call.at);
}

Value enter_uncalled(Context& context, Element& element) {
    Arguments arguments;
    for (Parameter& declared : element.parameters) {
        // A default that names something is looked at, too; any other may be anything.
        const bool looked_at = declared.type == ParameterType::executor || declared.type == ParameterType::steps;
        const bool known = looked_at && declared.default_value;
        arguments[declared.name] = {known ? declared.default_value : context.broken_like(declared.key), &declared,
                                    true};
    }
    Value body = element.body;
    body.scope = context.keep(
        Scope{.elements = element.home, .parameters = context.keep(std::move(arguments)), .element = &element});
    return body;
}

}  // namespace gyre::config
