#pragma once

// What jobs may know and nobody may read again: variables of projects and contexts. Their limits, and the form in which
// people see them. Pure.

#include <string>
#include <string_view>

#include "base/result.h"

namespace gyre {

inline constexpr std::size_t longest_variable_name = 256;
inline constexpr std::size_t largest_variable = 32 << 10;           // bytes of a value
inline constexpr std::size_t most_secret_bytes_of_job = 256 << 10;  // names and values of all that a job is given
inline constexpr int most_variables = 100;                          // of a context; a project may have five times that
inline constexpr int most_project_variables = 500;
inline constexpr int most_ssh_keys = 20;                  // additional ones of a project
inline constexpr int most_checkout_keys = 10;             // of a project
inline constexpr std::size_t largest_ssh_key = 16 << 10;  // bytes of its text
inline constexpr int most_registry_logins = 20;           // of an organization
inline constexpr std::size_t longest_registry_username = 256;
inline constexpr std::size_t largest_registry_password = 16 << 10;  // some are keys, as JSON
inline constexpr std::size_t shortest_registry_password = 4;        // bytes; less could not be masked in output

// `[A-Za-z_][A-Za-z0-9_]*`; `invalid` or `too_large` otherwise.
Result<void> check_variable_name(std::string_view name);
// No NUL, which no environment can hold; `invalid` or `too_large`. The message says nothing of the value.
Result<void> check_variable_value(std::string_view value);

// "xxxx" and the last four characters; of less than eight characters none are shown.
std::string masked_value(std::string_view value);

}  // namespace gyre
