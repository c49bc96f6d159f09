#include "config/environment.h"

#include <algorithm>
#include <map>

#include "config/fields.h"
#include "config/reference.h"

namespace gyre::config {
namespace {

constexpr std::string_view wanted = "NAME: value, with a name of letters, digits and '_'";

// More than shells take: some programs look for names with dots and dashes.
bool is_name(std::string_view name) {
    return !name.empty() && std::none_of(name.begin(), name.end(), [](char c) {
        return c == '=' || c == ' ' || c == '<' || c == '>' || static_cast<unsigned char>(c) < 0x20;
    });
}

bool check_name(Context& context, Value at, std::string_view name) {
    if (is_name(name)) return true;
    if (context.version == Version::v2_1 && has_marks(name)) {
        context.report({.code = Code::bad_value,
                        .at = at,
                        .message = "the name of a variable cannot have a reference in it: '" + clipped(name, 60) + "'",
                        .expected = "the name itself; references stand in values"});
        return false;
    }
    context.report({.code = Code::bad_value,
                    .at = at,
                    .message = "'" + clipped(name, 60) + "' cannot be the name of an environment variable",
                    .expected = std::string(wanted)});
    return false;
}

void read_mapping(Context& context, Value mapping, Environment& environment) {
    for (const Entry& entry : mapping->entries) {
        const Value key = context.key_of(mapping, entry);
        const Value value = context.value_of(mapping, entry);
        if (!value || !context.spend(sizeof(EnvVar) + key->text.size(), key) || !check_name(context, key, key->text))
            continue;
        if (value.is(NodeKind::scalar) || value.is(NodeKind::null)) {
            environment.push_back({key->text, context.text(value)});
        } else {
            report_wrong_type(context, value, "the variable '" + key->text + "'", shape::text);
        }
    }
}

void read_assignment(Context& context, Value item, Environment& environment) {
    context.spend(sizeof(EnvVar), item);
    const std::string text = context.text(item);
    const auto equals = text.find('=');
    if (equals == std::string::npos) {
        if (text.empty()) return;
        context.report({.code = Code::bad_value,
                        .at = item,
                        .message = "'" + text.substr(0, 60) + "' sets no variable: '=' is missing",
                        .expected = "NAME=value, or 'NAME: value'"});
        return;
    }
    if (check_name(context, item, text.substr(0, equals))) {
        environment.push_back({text.substr(0, equals), text.substr(equals + 1)});
    }
}

}  // namespace

Environment read_environment(Context& context, Value value) {
    Environment environment;
    if (!value) return environment;
    if (value.is(NodeKind::mapping)) read_mapping(context, value, environment);
    if (value.is(NodeKind::scalar)) read_assignment(context, value, environment);
    for (const Value item : context.items(value)) {
        if (item.is(NodeKind::mapping)) {
            read_mapping(context, item, environment);
        } else if (item.is(NodeKind::scalar)) {
            read_assignment(context, item, environment);
        } else if (!item.is(NodeKind::null)) {
            report_wrong_type(context, item, "each item of 'environment'", shape::mapping | shape::text);
        }
    }
    return value.is(NodeKind::sequence) ? without_overridden(std::move(environment)) : environment;
}

Environment without_overridden(Environment environment) {
    if (environment.size() < 2) return environment;
    Environment kept;
    kept.reserve(environment.size());  // so that names stay where they are
    std::map<std::string_view, std::size_t> places;
    for (EnvVar& one : environment) {
        const auto known = places.find(one.name);
        if (known != places.end()) {
            kept[known->second].value = std::move(one.value);
        } else {
            kept.push_back(std::move(one));
            places.emplace(kept.back().name, kept.size() - 1);
        }
    }
    return kept;
}

}  // namespace gyre::config
