#include "api/parameters.h"

#include <algorithm>

namespace gyre::api {
namespace {

constexpr std::size_t most_parameters = 100;
constexpr std::ptrdiff_t longest_name = 128;  // in characters
constexpr std::ptrdiff_t longest_text = 512;  // in characters

// Of UTF-8, which JSON is.
std::ptrdiff_t characters(std::string_view text) {
    return std::count_if(text.begin(), text.end(),
                         [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; });
}

Result<void> check_value(const std::string& name, const json::value& value) {
    if (value.is_bool() || value.is_int64()) return {};
    if (!value.is_string()) return invalid("the parameter '" + name + "' must be a string, an integer, true or false");
    if (characters(value.get_string()) <= longest_text) return {};
    return invalid("the parameter '" + name + "' may have 512 characters");
}

}  // namespace

Result<PipelineParameters> parameters_member(const json::object& body, std::string_view name) {
    PipelineParameters parameters;
    const auto* member = body.if_contains(name);
    if (!member || member->is_null()) return parameters;
    if (!member->is_object()) return invalid("'" + std::string(name) + "' must be an object");
    const auto& given = member->get_object();
    if (given.size() > most_parameters) return invalid("a pipeline takes at most 100 parameters");
    for (const auto& [key, value] : given) {
        if (key.empty() || characters(key) > longest_name)
            return invalid("the name of a parameter has 1 to 128 characters");
        GYRE_TRY(check_value(std::string(key), value));
        parameters[std::string(key)] = value;
    }
    return parameters;
}

Result<std::map<std::string, std::string>> texts_member(const json::object& body, std::string_view name) {
    GYRE_TRY_ASSIGN(const auto parameters, parameters_member(body, name));
    std::map<std::string, std::string> texts;
    for (const auto& [key, value] : parameters) {
        if (!value.is_string()) return invalid("'" + std::string(name) + "." + key + "' must be a string");
        texts[key] = std::string(value.get_string());
    }
    return texts;
}

}  // namespace gyre::api
