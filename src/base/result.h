#pragma once

// Result<T>: a value, or an Error that tells the user what to do. Errors are few kinds (Fault) with one sentence;
// exceptions are for bugs and for libraries that throw, and are caught at the boundary to such a library.

#include <cassert>
#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace gyre {

// What went wrong, as far as a caller may act on it. HTTP statuses and exit codes are mapped from this in one place
// each.
enum class Fault {
    invalid,      // the input is wrong; the same call will fail again
    not_found,    // the named thing does not exist (or may not be seen)
    conflict,     // the thing changed meanwhile, exists already, or belongs to somebody else (fencing)
    denied,       // the caller may not do this
    too_large,    // a documented limit was exceeded
    unavailable,  // a machine, disk, database or network failed; trying again later may work
    corrupt,      // stored bytes are not what was written
};

struct Error {
    Fault fault = Fault::unavailable;
    std::string message;  // a sentence for a human, naming the place and the limit where there is one

    // The same error with a prefix that says what was being attempted: "reading x: no such file".
    Error during(const std::string& what) const { return {fault, what + ": " + message}; }
};

template <typename T>
class [[nodiscard]] Result {
public:
    using Value = T;

    Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT: implicit by design
    Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT: implicit by design

    bool ok() const { return state_.index() == 0; }
    explicit operator bool() const { return ok(); }

    T& value() & {
        assert(ok());
        return *std::get_if<0>(&state_);
    }
    const T& value() const& {
        assert(ok());
        return *std::get_if<0>(&state_);
    }
    T&& value() && {
        assert(ok());
        return std::move(*std::get_if<0>(&state_));
    }
    T& operator*() & { return value(); }
    const T& operator*() const& { return value(); }
    T&& operator*() && { return std::move(*this).value(); }
    T* operator->() { return &value(); }
    const T* operator->() const { return &value(); }
    T value_or(T fallback) const { return ok() ? value() : std::move(fallback); }

    const Error& error() const {
        assert(!ok());
        return *std::get_if<1>(&state_);
    }

private:
    std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
public:
    Result() = default;
    Result(Error error) : error_(std::move(error)) {}  // NOLINT: implicit by design

    bool ok() const { return !error_; }
    explicit operator bool() const { return ok(); }
    const Error& error() const {
        assert(!ok());
        return *error_;
    }

private:
    std::optional<Error> error_;
};

inline Error invalid(std::string message) { return {Fault::invalid, std::move(message)}; }
inline Error not_found(std::string message) { return {Fault::not_found, std::move(message)}; }
inline Error conflict(std::string message) { return {Fault::conflict, std::move(message)}; }
inline Error denied(std::string message) { return {Fault::denied, std::move(message)}; }
inline Error too_large(std::string message) { return {Fault::too_large, std::move(message)}; }
inline Error unavailable(std::string message) { return {Fault::unavailable, std::move(message)}; }
inline Error corrupt(std::string message) { return {Fault::corrupt, std::move(message)}; }

// `unavailable` with the text of errno, for system calls: errno_error("opening /x") -> "opening /x: Permission denied".
Error errno_error(const std::string& what);

}  // namespace gyre

// Returns early with the error of a Result<...>; otherwise goes on. GYRE_TRY_ASSIGN also binds the value.
#define GYRE_TRY(expression)                                  \
    do {                                                      \
        auto gyre_try_result = (expression);                  \
        if (!gyre_try_result) return gyre_try_result.error(); \
    } while (false)
#define GYRE_JOIN_(a, b) a##b
#define GYRE_JOIN(a, b) GYRE_JOIN_(a, b)
#define GYRE_TRY_ASSIGN_(name, expression, temporary) \
    auto temporary = (expression);                    \
    if (!temporary) return temporary.error();         \
    name = std::move(temporary).value()
#define GYRE_TRY_ASSIGN(name, expression) GYRE_TRY_ASSIGN_(name, expression, GYRE_JOIN(gyre_try_, __LINE__))
