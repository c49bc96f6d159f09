#include "config/schema.h"

#include <algorithm>
#include <array>

#include "config/key_help.h"
#include "config/status_words.h"
#include "config/step_keys.h"

namespace gyre::config {
namespace {

json::object reference_to(std::string_view definition) {
    return {{"$ref", "#/definitions/" + std::string(definition)}};
}

json::object any_of(json::array choices) {
    if (choices.size() == 1) return choices.front().as_object();
    return {{"anyOf", std::move(choices)}};
}

json::array words_of(std::string_view text) {
    json::array words;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(' '), text.size());
        words.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return words;
}

// "a docker entry" -> "docker_entry"
std::string definition_name(std::string_view mapping) {
    for (const std::string_view article : {"a ", "an ", "the "}) {
        if (mapping.starts_with(article)) mapping.remove_prefix(article.size());
    }
    std::string name;
    for (const char c : mapping) {
        if (c == ' ') name += '_';
        if ((c >= 'a' && c <= 'z') || c == '_' || c == '-') name += c;
    }
    return name;
}

json::object list_of(json::value items) { return {{"type", "array"}, {"items", std::move(items)}}; }

json::object named(json::value each) { return {{"type", "object"}, {"additionalProperties", std::move(each)}}; }

// Where a value is not described by its shapes and its inner table.
json::value special(std::string_view mapping, const KeySpec& key) {
    const std::string_view name = key.name;
    const bool top = mapping == keys::top_level.name || mapping == keys::orb.name;
    if (name == "environment") return reference_to("environment");
    if (name == "steps" || name == "pre-steps" || name == "post-steps") return reference_to("steps");
    if (name == "condition" || name == "unless" || (name == "when" && mapping == keys::workflow.name))
        return reference_to("condition");
    if (name == "requires") return reference_to("requires");
    if (mapping == keys::matrix.name && name == "parameters") return reference_to("matrix_values");
    if (mapping == keys::matrix.name && name == "exclude")
        return list_of(any_of({json::object{{"type", "object"}}, reference_to("reference")}));
    if ((mapping == keys::workflow.name || mapping == keys::job_group.name) && name == "jobs")
        return list_of(reference_to("workflow_entry"));
    if (top && name == "workflows") return reference_to("workflows");
    if (top && name == "orbs")
        return named(json::object{{"anyOf", {json::object{{"type", "string"}}, reference_to("orb")}}});
    if (name == "parameters") return named(reference_to("parameter"));
    if (top && key.inner != nullptr) return named(reference_to(definition_name(key.inner->name)));
    return nullptr;
}

void add_mapping(json::array& choices, const KeySpec& key) {
    if (key.inner != nullptr) {
        choices.push_back(reference_to(definition_name(key.inner->name)));
    } else {
        choices.push_back(json::object{{"type", "object"}});
    }
}

void add_list(json::array& choices, const KeySpec& key) {
    const bool of_mappings =
        key.inner != nullptr && (key.shapes & shape::mapping) == 0 && key.inner != &keys::ref_filter;
    const bool of_anything = (key.shapes & shape::mapping) != 0;
    json::object items = of_mappings ? reference_to(definition_name(key.inner->name)) : reference_to("text");
    choices.push_back(list_of(of_anything ? json::value(true) : json::value(std::move(items))));
}

json::object by_shapes(const KeySpec& key, std::string_view words) {
    json::array choices;
    if ((key.shapes & shape::text) != 0 && !words.empty()) {
        choices.push_back(json::object{{"enum", words_of(words)}});
        choices.push_back(reference_to("reference"));
    } else if ((key.shapes & shape::text) != 0) {
        choices.push_back(reference_to("text"));
    } else {
        choices.push_back(reference_to("reference"));
    }
    if ((key.shapes & shape::boolean) != 0) choices.push_back(reference_to("boolean"));
    if ((key.shapes & shape::integer) != 0) choices.push_back(reference_to("integer"));
    if ((key.shapes & shape::mapping) != 0) add_mapping(choices, key);
    if ((key.shapes & shape::list) != 0) add_list(choices, key);
    if ((key.shapes & shape::nothing) != 0) choices.push_back(json::object{{"type", "null"}});
    return any_of(std::move(choices));
}

json::object value_of(std::string_view mapping, const KeySpec& key) {
    const KeyHelp* help = help_of(mapping, key.name);
    const json::value by_hand = special(mapping, key);
    json::object schema;
    if (by_hand.is_object()) {
        json::array choices{by_hand, reference_to("reference")};
        if ((key.shapes & shape::nothing) != 0) choices.push_back(json::object{{"type", "null"}});
        schema = any_of(std::move(choices));
    } else {
        // Beside a $ref, draft-07 ignores all other keywords.
        schema = by_shapes(key, help != nullptr ? help->words : std::string_view{});
        if (schema.contains("$ref")) schema = {{"allOf", json::array{schema}}};
    }
    if (help != nullptr) schema["description"] = help->description;
    if (key.standing == Standing::deprecated || key.standing == Standing::ignored) {
        schema["deprecationMessage"] = key.advice;
    }
    return schema;
}

// What is accepted and does nothing: editors mark it, and do not call it an error.
json::object useless(std::string_view why) { return {{"deprecationMessage", why}}; }

enum class Others { refused, useless, meant };  // keys that the table does not have

json::object object_of(const MappingSpec& mapping, Others others) {
    json::object properties;
    json::array required;
    for (const KeySpec& key : mapping.keys) {
        properties[key.name] = value_of(mapping.name, key);
        if (key.required) required.emplace_back(key.name);
    }
    if (others != Others::meant) properties["<<"] = true;  // for editors that do not apply merge keys
    json::object schema{{"type", "object"}, {"properties", std::move(properties)}};
    if (!required.empty()) schema["required"] = std::move(required);
    if (others == Others::refused) schema["additionalProperties"] = false;
    if (others == Others::useless) schema["additionalProperties"] = useless("an unknown key, which does nothing");
    return schema;
}

Others others_of(const MappingSpec& mapping) {
    if (mapping.open || &mapping == &keys::workflow_job) return Others::meant;  // a job's arguments stand there too
    return mapping.lenient == Lenient::always ? Others::useless : Others::refused;
}

constexpr std::string_view old_job = "job_of_version_2";

// What to say of `properties`, as a keyword of its own. A command may be called like a step of the language, and then
// stands for it in the lists of steps: a schema cannot follow, and leaves alone what has such lists.
json::object unless_steps_are_redefined(json::object properties) {
    json::array names;
    for (const StepSpec& one : step_specs()) names.emplace_back(one.attributes.name);
    json::object others;
    for (const auto& [key, value] : properties) {
        if (key != "jobs" && key != "commands" && key != "workflows") others[key] = value;
    }
    const json::object names_are_new{{"propertyNames", {{"not", {{"enum", std::move(names)}}}}}};
    return {{"if", {{"properties", {{"commands", names_are_new}}}}},
            {"then", {{"properties", std::move(properties)}}},
            {"else", {{"properties", std::move(others)}}}};
}

// Takes the keys out, with what is said of their values.
json::object taken_from(json::object& properties, std::initializer_list<std::string_view> keys) {
    json::object taken;
    for (const std::string_view key : keys) {
        taken[key] = std::move(properties[key]);
        properties[key] = true;
    }
    return taken;
}

// In version 2 the keys of 2.1 mean nothing, and people keep their anchors there; jobs have keys that nothing knows.
json::object top_level() {
    json::object schema = object_of(keys::top_level, Others::meant);
    json::object& properties = schema["properties"].as_object();
    json::object newer = taken_from(properties, {"jobs", "workflows"});
    for (const KeySpec& key : keys::top_level.keys) {
        if (key.since == Since::v2) continue;
        newer[key.name] = std::move(properties[key.name]);
        properties.erase(key.name);
    }
    const json::object is_old{{"version", json::object{{"enum", {2, "2", "2.0"}}}}};
    json::object older{{"jobs", any_of({named(reference_to(old_job)), json::object{{"type", "null"}}})},
                       {"workflows", newer["workflows"]}};
    schema["if"] = json::object{{"properties", is_old}};
    schema["then"] = json::object{{"properties", std::move(older)}};
    schema["else"] = unless_steps_are_redefined(std::move(newer));
    return schema;
}

json::object orb() {
    json::object schema = object_of(keys::orb, others_of(keys::orb));
    json::object strict = taken_from(schema["properties"].as_object(), {"jobs", "commands"});
    for (auto& [key, value] : unless_steps_are_redefined(std::move(strict))) schema[key] = std::move(value);
    return schema;
}

json::object step() {
    json::array bare;
    json::object properties;
    for (const StepSpec& one : step_specs()) {
        const std::string_view name = one.attributes.name;
        if (one.bare) bare.emplace_back(name);
        json::array choices;
        if (one.kind == StepKind::steps) choices.push_back(reference_to("reference"));
        if (one.kind != StepKind::steps) choices.push_back(object_of(one.attributes, others_of(one.attributes)));
        if (one.text) choices.push_back(reference_to("text"));
        if (one.bare) choices.push_back(json::object{{"type", "null"}});
        properties[name] = any_of(std::move(choices));
    }
    json::object mapping{
        {"type", "object"}, {"minProperties", 1}, {"maxProperties", 1}, {"properties", std::move(properties)}};
    return {{"description", "A step: its name, or `name: attributes`; other names call commands"},
            {"anyOf", {json::object{{"enum", std::move(bare)}}, json::object{{"type", "string"}}, std::move(mapping)}}};
}

json::object condition() {
    const json::object list = list_of(reference_to("condition"));
    json::object statement{{"type", "object"},
                           {"minProperties", 1},
                           {"properties",
                            {{"and", list},
                             {"or", list},
                             {"not", reference_to("condition")},
                             {"equal", json::object{{"type", "array"}}},
                             {"matches", reference_to("matches")},
                             {"<<", true}}},
                           {"additionalProperties", useless("no statement of a condition: it counts as true")}};
    return any_of({reference_to("text"), json::object{{"type", "null"}}, std::move(statement)});
}

json::object requirement() {
    const json::array statuses(status_words().begin(), status_words().end());
    const json::object word = any_of({json::object{{"enum", statuses}}, reference_to("reference")});
    return list_of(any_of({reference_to("text"), named(any_of({word, list_of(word)}))}));
}

json::object workflows() {
    json::object schema = named(reference_to("workflow"));
    schema["properties"] = json::object{{"version", reference_to("text")}};
    return schema;
}

json::object workflow_entry() {
    json::object options = named(any_of({reference_to("workflows_job"), json::object{{"type", "null"}}}));
    options["minProperties"] = 1;
    options["maxProperties"] = 1;
    return any_of({json::object{{"type", "string"}}, std::move(options)});
}

json::object environment() {
    const json::object value = any_of({reference_to("text"), json::object{{"type", "null"}}});
    const json::object mapping = named(value);
    return any_of({mapping, list_of(any_of({mapping, value})), reference_to("text")});
}

void add_values(json::object& definitions) {
    const auto text = [](std::string_view pattern) { return json::object{{"type", "string"}, {"pattern", pattern}}; };
    definitions["reference"] = text("<<[\\s\\S]*>>");
    definitions["text"] = json::object{{"type", json::array{"string", "number", "boolean"}}};
    definitions["boolean"] = any_of({json::object{{"type", "boolean"}},
                                     text("^(yes|Yes|YES|no|No|NO|on|On|ON|off|Off|OFF|True|TRUE|False|FALSE"
                                          "|true|false)$"),
                                     reference_to("reference")});
    definitions["integer"] =
        any_of({json::object{{"type", "integer"}}, text("^[+-]?[0-9]+$"), reference_to("reference")});
}

}  // namespace

json::object json_schema() {
    json::object definitions;
    add_values(definitions);
    definitions["environment"] = environment();
    definitions["steps"] = list_of(reference_to("step"));
    definitions["step"] = step();
    definitions["condition"] = condition();
    definitions["requires"] = requirement();
    definitions["workflows"] = workflows();
    definitions["workflow_entry"] = workflow_entry();
    definitions["matrix_values"] = named(any_of({json::object{{"type", "array"}}, reference_to("reference")}));
    for (const MappingSpec* mapping :
         {&keys::job, &keys::docker_entry, &keys::docker_auth, &keys::machine, &keys::macos, &keys::parameter,
          &keys::command, &keys::executor, &keys::matrix, &keys::matches, &keys::workflow, &keys::workflow_job,
          &keys::job_group, &keys::filters, &keys::ref_filter, &keys::trigger, &keys::schedule,
          &keys::schedule_filters}) {
        definitions[definition_name(mapping->name)] = object_of(*mapping, others_of(*mapping));
    }
    definitions[definition_name(keys::orb.name)] = orb();
    definitions[old_job] = object_of(keys::job, Others::useless);
    json::object schema{{"$schema", "http://json-schema.org/draft-07/schema#"},
                        {"title", "A .circleci/config.yml as Gyre reads it"}};
    for (auto& [key, value] : top_level()) schema[key] = std::move(value);
    schema["definitions"] = std::move(definitions);
    return schema;
}

}  // namespace gyre::config
