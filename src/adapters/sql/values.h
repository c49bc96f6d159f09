#pragma once

// C++ values as parameters and columns of either database; the types are listed in database.h.

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "base/clock.h"
#include "base/enum_names.h"
#include "base/id.h"
#include "base/json.h"
#include "base/result.h"

namespace gyre::sql {

// A text in the database's own form of it, made by Database::after_prefix().
struct Stored {
    std::string text;
};
struct StoredView {
    std::string_view text;
};
// A parameter of one statement. Texts are not copied: a statement runs to its end before its arguments are gone.
using Param = std::variant<std::monostate, std::int64_t, double, std::string_view, StoredView>;

inline Param to_param(std::string_view text) { return text; }
template <std::integral T>
Param to_param(T number) {
    return static_cast<std::int64_t>(number);
}
inline Param to_param(const Stored& stored) { return StoredView{stored.text}; }
inline Param to_param(double number) { return number; }
inline Param to_param(Timestamp time) { return to_millis(time); }
template <NamedEnum E>
Param to_param(E value) {
    return std::string_view(name_of(value));
}
template <typename Tag>
Param to_param(const Id<Tag>& id) {
    return std::string_view(id.text);
}
template <typename T>
Param to_param(const std::optional<T>& value) {
    return value ? to_param(*value) : Param();
}

// A column that holds JSON, for Row::into.
template <typename T>
struct AsJson {
    T& value;
};
template <typename T>
AsJson<T> as_json(T& value) {
    return {value};
}

// What is stored was ours when it went in, so it may be as large as a plan gets.
inline constexpr JsonLimits stored_json{.bytes = std::size_t{256} << 20, .depth = 64};

// The columns of a statement's current row, as a database hands them over. NULL is 0 and an empty text.
class Columns {
public:
    virtual bool null(int at) const = 0;
    virtual std::optional<std::int64_t> integer(int at) const = 0;  // nothing: it is no integer
    virtual double real(int at) const = 0;
    virtual std::string_view text(int at) const = 0;  // valid until the next call
    virtual std::string_view name(int at) const = 0;

protected:
    ~Columns() = default;
};

// The current row of a statement, valid during the call that it is handed to.
class Row {
public:
    explicit Row(const Columns& columns) : columns_(columns) {}
    const Columns& columns() const { return columns_; }  // for those who learn the columns at run time

    // Reads the columns from left to right. A value that the type cannot hold is `corrupt`.
    template <typename... Ts>
    Result<void> into(Ts&&... to) const {
        int at = 0;
        Result<void> result;
        ((result = get(at++, to)).ok() && ...);
        return result;
    }

private:
    Result<void> unexpected(int at) const {
        const std::string text(columns_.text(at).substr(0, 80));
        return corrupt("column " + std::string(columns_.name(at)) + " holds '" + text + "', which should not be there");
    }

    Result<void> get(int at, std::string& to) const {
        to = columns_.text(at);
        return {};
    }
    template <std::integral T>
    Result<void> get(int at, T& to) const {
        const auto number = columns_.integer(at);
        if (!number) return unexpected(at);
        if constexpr (!std::same_as<T, bool>) {
            if (!std::in_range<T>(*number)) return unexpected(at);
        }
        to = static_cast<T>(*number);
        return {};
    }
    Result<void> get(int at, double& to) const {
        to = columns_.real(at);
        return {};
    }
    Result<void> get(int at, Timestamp& to) const {
        std::int64_t millis = 0;
        GYRE_TRY(get(at, millis));
        to = from_millis(millis);
        return {};
    }
    template <NamedEnum E>
    Result<void> get(int at, E& to) const {
        const auto value = enum_from<E>(columns_.text(at));
        if (!value) return unexpected(at);
        to = *value;
        return {};
    }
    template <typename Tag>
    Result<void> get(int at, Id<Tag>& to) const {
        return get(at, to.text);
    }
    template <typename T>
    Result<void> get(int at, std::optional<T>& to) const {
        to.reset();
        if (columns_.null(at)) return {};
        return get(at, to.emplace());
    }
    template <typename T>
    Result<void> get(int at, AsJson<T>& to) const {
        auto value = from_json_text<T>(columns_.text(at), stored_json);
        if (!value) return corrupt(std::string(columns_.name(at)) + ": " + value.error().message);
        to.value = std::move(value).value();
        return {};
    }
    template <typename T>
    Result<void> get(int at, AsJson<std::optional<T>>& to) const {
        to.value.reset();
        if (columns_.null(at)) return {};
        AsJson<T> inner{to.value.emplace()};
        return get(at, inner);
    }

    const Columns& columns_;
};

}  // namespace gyre::sql
