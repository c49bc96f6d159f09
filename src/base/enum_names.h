#pragma once

// One table per enum, used for JSON, SQL, the API and the UI alike. A type takes part by providing, in its namespace,
//     constexpr EnumNames<JobStatus, N> enum_names(JobStatus) { return {{{JobStatus::running, "running"}, ...}}; }

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace gyre {

template <typename E, std::size_t N>
using EnumNames = std::array<std::pair<E, std::string_view>, N>;

template <typename E>
concept NamedEnum = std::is_enum_v<E> && requires(E e) {
    enum_names(e);
};

template <NamedEnum E>
constexpr std::string_view name_of(E value) {
    for (const auto& [candidate, name] : enum_names(E{})) {
        if (candidate == value) return name;
    }
    return "?";
}

template <NamedEnum E>
constexpr std::optional<E> enum_from(std::string_view text) {
    for (const auto& [candidate, name] : enum_names(E{})) {
        if (name == text) return candidate;
    }
    return std::nullopt;
}

}  // namespace gyre
