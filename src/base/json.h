#pragma once

// JSON by Boost.JSON: bounded parsing of outside text, and mapping of described structs (BOOST_DESCRIBE_STRUCT) to
// and from JSON, so that events, frames and stored values have exactly one description.
//
// Mapping rules: a described struct is an object with one key a member; a NamedEnum is its name; Id and Timestamp are
// strings (ISO 8601); optional is null or absent when empty; a vector is an array; a map with string keys an object; a
// std::variant of described structs is {"kind": "<struct's kind name>", ...members} where each alternative has
// `static constexpr std::string_view kind`. Reading: unknown keys are ignored (the other end may be newer), a missing
// key leaves the member's default, a wrong type is `invalid` with the path to it.

#include <boost/describe.hpp>
#include <boost/json.hpp>
#include <boost/mp11.hpp>

#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/enum_names.h"
#include "base/id.h"
#include "base/result.h"

namespace gyre {

namespace json = boost::json;

struct JsonLimits {
    std::size_t bytes = 1 << 20;
    std::size_t depth = 32;
};

// Parses text from outside. Too large is `too_large`; anything else wrong is `invalid` with the byte position.
Result<json::value> parse_json(std::string_view text, JsonLimits limits = {});

namespace json_mapping {

template <typename T>
concept Described = boost::describe::has_describe_members<T>::value && !std::is_union_v<T>;

template <typename T>
struct IsId : std::false_type {};
template <typename Tag>
struct IsId<Id<Tag>> : std::true_type {};
template <typename T>
struct IsVector : std::false_type {};
template <typename T>
struct IsVector<std::vector<T>> : std::true_type {};
template <typename T>
struct IsOptional : std::false_type {};
template <typename T>
struct IsOptional<std::optional<T>> : std::true_type {};
template <typename T>
struct IsMap : std::false_type {};
template <typename T>
struct IsMap<std::map<std::string, T>> : std::true_type {};
template <typename T>
struct IsVariant : std::false_type {};
template <typename... Ts>
struct IsVariant<std::variant<Ts...>> : std::true_type {};

template <typename T>
json::value write(const T& value);
template <typename T>
Result<void> read(const json::value& from, T& to, const std::string& path);

template <Described T>
json::object write_members(const T& value) {
    json::object object;
    boost::mp11::mp_for_each<
        boost::describe::describe_members<T, boost::describe::mod_public | boost::describe::mod_inherited>>(
        [&](auto member) { object[member.name] = write(value.*member.pointer); });
    return object;
}

template <typename T>
json::value write(const T& value) {
    if constexpr (std::is_same_v<T, bool> || std::is_arithmetic_v<T>) {
        return value;
    } else if constexpr (std::is_same_v<T, std::string>) {
        return json::string(value);
    } else if constexpr (std::is_same_v<T, json::value>) {
        return value;
    } else if constexpr (std::is_same_v<T, Timestamp>) {
        return json::string(to_iso(value));
    } else if constexpr (IsId<T>::value) {
        return json::string(value.text);
    } else if constexpr (NamedEnum<T>) {
        return json::string(name_of(value));
    } else if constexpr (IsOptional<T>::value) {
        return value ? write(*value) : json::value(nullptr);
    } else if constexpr (IsVector<T>::value) {
        json::array array;
        array.reserve(value.size());
        for (const auto& item : value) array.push_back(write(item));
        return array;
    } else if constexpr (IsMap<T>::value) {
        json::object object;
        for (const auto& [key, item] : value) object[key] = write(item);
        return object;
    } else if constexpr (IsVariant<T>::value) {
        return std::visit(
            [](const auto& alternative) {
                json::object object = write_members(alternative);
                object["kind"] = json::string(std::decay_t<decltype(alternative)>::kind);
                return json::value(std::move(object));
            },
            value);
    } else {
        return write_members(value);
    }
}

inline Error wrong_type(const std::string& path, std::string_view wanted) {
    return invalid((path.empty() ? std::string("the document") : path) + " must be " + std::string(wanted));
}

template <typename T>
Result<void> read_number(const json::value& from, T& to, const std::string& path) {
    if constexpr (std::is_floating_point_v<T>) {
        // 1e999 reads as infinity, which JSON cannot say to the next reader.
        if (!from.is_number() || !std::isfinite(from.to_number<double>())) return wrong_type(path, "a number");
        to = from.to_number<T>();
    } else {
        json::error_code failed;
        const auto number = from.to_number<std::int64_t>(failed);
        using Limits = std::numeric_limits<T>;
        if (failed || !std::in_range<T>(number)) {
            return wrong_type(
                path, "an integer from " + std::to_string(Limits::min()) + " to " + std::to_string(Limits::max()));
        }
        to = static_cast<T>(number);
    }
    return {};
}

template <Described T>
Result<void> read_members(const json::object& from, T& to, const std::string& path) {
    Result<void> result;
    boost::mp11::mp_for_each<
        boost::describe::describe_members<T, boost::describe::mod_public | boost::describe::mod_inherited>>(
        [&](auto member) {
            if (!result) return;
            const auto* found = from.if_contains(member.name);
            if (found) result = read(*found, to.*member.pointer, path.empty() ? member.name : path + "." + member.name);
        });
    return result;
}

template <typename... Ts>
Result<void> read_variant(const json::value& from, std::variant<Ts...>& to, const std::string& path) {
    const auto* object = from.if_object();
    const auto* kind = object ? object->if_contains("kind") : nullptr;
    if (!kind || !kind->is_string()) return wrong_type(path, "an object with a \"kind\"");
    const std::string_view wanted = kind->get_string();
    Result<void> result = wrong_type(path, "of a known kind, not '" + std::string(wanted) + "'");
    const auto attempt = [&]<typename T>(std::type_identity<T>) {
        if (wanted != T::kind) return;
        T alternative{};
        result = read_members(*object, alternative, path);
        if (result) to = std::move(alternative);
    };
    (attempt(std::type_identity<Ts>{}), ...);
    return result;
}

template <typename T>
Result<void> read_array(const json::value& from, std::vector<T>& to, const std::string& path) {
    const auto* array = from.if_array();
    if (!array) return wrong_type(path, "an array");
    to.clear();
    to.reserve(array->size());
    for (std::size_t i = 0; i < array->size(); ++i) {
        T item{};
        GYRE_TRY(read((*array)[i], item, path + "[" + std::to_string(i) + "]"));
        to.push_back(std::move(item));
    }
    return {};
}

template <typename T>
Result<void> read_map(const json::value& from, std::map<std::string, T>& to, const std::string& path) {
    const auto* object = from.if_object();
    if (!object) return wrong_type(path, "an object");
    to.clear();
    for (const auto& [key, value] : *object) {
        GYRE_TRY(read(value, to[std::string(key)], path + "." + std::string(key)));
    }
    return {};
}

template <typename T>
Result<void> read_text(const json::value& from, T& to, const std::string& path) {
    const auto* text = from.if_string();
    if (!text) return wrong_type(path, "a string");
    if constexpr (std::is_same_v<T, std::string>) {
        to = std::string(*text);
    } else if constexpr (IsId<T>::value) {
        to.text = std::string(*text);
    } else if constexpr (std::is_same_v<T, Timestamp>) {
        auto at = from_iso(*text);
        if (!at) return at.error().during(path);
        to = *at;
    } else {
        const auto found = enum_from<T>(*text);
        if (!found) return wrong_type(path, "one of its known names, not '" + std::string(*text) + "'");
        to = *found;
    }
    return {};
}

template <typename T>
Result<void> read(const json::value& from, T& to, const std::string& path) {
    if constexpr (std::is_same_v<T, bool>) {
        if (!from.is_bool()) return wrong_type(path, "true or false");
        to = from.get_bool();
        return {};
    } else if constexpr (std::is_arithmetic_v<T>) {
        return read_number(from, to, path);
    } else if constexpr (std::is_same_v<T, json::value>) {
        to = from;
        return {};
    } else if constexpr (std::is_same_v<T, std::string> || std::is_same_v<T, Timestamp> || IsId<T>::value ||
                         NamedEnum<T>) {
        return read_text(from, to, path);
    } else if constexpr (IsOptional<T>::value) {
        to.reset();
        if (from.is_null()) return {};
        return read(from, to.emplace(), path);
    } else if constexpr (IsVector<T>::value) {
        return read_array(from, to, path);
    } else if constexpr (IsMap<T>::value) {
        return read_map(from, to, path);
    } else if constexpr (IsVariant<T>::value) {
        return read_variant(from, to, path);
    } else {
        const auto* object = from.if_object();
        if (!object) return wrong_type(path, "an object");
        return read_members(*object, to, path);
    }
}

}  // namespace json_mapping

template <typename T>
json::value to_json(const T& value) {
    return json_mapping::write(value);
}

template <typename T>
std::string to_json_text(const T& value) {
    return json::serialize(json_mapping::write(value));
}

template <typename T>
Result<T> from_json(const json::value& from) {
    T value{};
    GYRE_TRY(json_mapping::read(from, value, ""));
    return value;
}

template <typename T>
Result<T> from_json_text(std::string_view text, JsonLimits limits = {}) {
    GYRE_TRY_ASSIGN(const json::value parsed, parse_json(text, limits));
    return from_json<T>(parsed);
}

}  // namespace gyre
