#pragma once

// C++ values as SQLite parameters and columns; the types are listed in database.h.

#include <sqlite3.h>

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "base/enum_names.h"
#include "base/id.h"
#include "base/json.h"
#include "base/result.h"

namespace gyre::sqlite {

// Texts are bound without a copy: a statement runs to its end before its arguments are gone.
inline bool bind_value(sqlite3_stmt* statement, int at, std::string_view text) {
    return sqlite3_bind_text64(statement, at, text.data() ? text.data() : "", text.size(), SQLITE_STATIC,
                               SQLITE_UTF8) == SQLITE_OK;
}
template <std::integral T>
bool bind_value(sqlite3_stmt* statement, int at, T number) {
    return sqlite3_bind_int64(statement, at, static_cast<std::int64_t>(number)) == SQLITE_OK;
}
inline bool bind_value(sqlite3_stmt* statement, int at, double number) {
    return sqlite3_bind_double(statement, at, number) == SQLITE_OK;
}
inline bool bind_value(sqlite3_stmt* statement, int at, Timestamp time) {
    return bind_value(statement, at, to_millis(time));
}
template <NamedEnum E>
bool bind_value(sqlite3_stmt* statement, int at, E value) {
    return bind_value(statement, at, name_of(value));
}
template <typename Tag>
bool bind_value(sqlite3_stmt* statement, int at, const Id<Tag>& id) {
    return bind_value(statement, at, std::string_view(id.text));
}
template <typename T>
bool bind_value(sqlite3_stmt* statement, int at, const std::optional<T>& value) {
    return value ? bind_value(statement, at, *value) : sqlite3_bind_null(statement, at) == SQLITE_OK;
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

// The current row of a statement, valid during the call that it is handed to.
class Row {
public:
    explicit Row(sqlite3_stmt* statement) : statement_(statement) {}

    // Reads the columns from left to right. A value that the type cannot hold is `corrupt`.
    template <typename... Ts>
    Result<void> into(Ts&&... to) const {
        int at = 0;
        Result<void> result;
        ((result = get(at++, to)).ok() && ...);
        return result;
    }

private:
    std::string_view text(int at) const {
        const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_, at));
        return bytes ? std::string_view(bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, at)))
                     : std::string_view();
    }
    Result<void> unexpected(int at) const {
        return corrupt("column " + std::string(sqlite3_column_name(statement_, at)) + " holds '" +
                       std::string(text(at).substr(0, 80)) + "', which should not be there");
    }

    Result<void> get(int at, std::string& to) const {
        to = text(at);
        return {};
    }
    template <std::integral T>
    Result<void> get(int at, T& to) const {
        const auto number = sqlite3_column_int64(statement_, at);
        if constexpr (!std::same_as<T, bool>) {
            if (!std::in_range<T>(number)) return unexpected(at);
        }
        to = static_cast<T>(number);
        return {};
    }
    Result<void> get(int at, double& to) const {
        to = sqlite3_column_double(statement_, at);
        return {};
    }
    Result<void> get(int at, Timestamp& to) const {
        to = from_millis(sqlite3_column_int64(statement_, at));
        return {};
    }
    template <NamedEnum E>
    Result<void> get(int at, E& to) const {
        const auto value = enum_from<E>(text(at));
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
        if (sqlite3_column_type(statement_, at) == SQLITE_NULL) return {};
        return get(at, to.emplace());
    }
    template <typename T>
    Result<void> get(int at, AsJson<T>& to) const {
        auto value = from_json_text<T>(text(at), stored_json);
        if (!value) return corrupt(std::string(sqlite3_column_name(statement_, at)) + ": " + value.error().message);
        to.value = std::move(value).value();
        return {};
    }
    template <typename T>
    Result<void> get(int at, AsJson<std::optional<T>>& to) const {
        to.value.reset();
        if (sqlite3_column_type(statement_, at) == SQLITE_NULL) return {};
        AsJson<T> inner{to.value.emplace()};
        return get(at, inner);
    }

    sqlite3_stmt* statement_;
};

}  // namespace gyre::sqlite
