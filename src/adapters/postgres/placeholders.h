#pragma once

// The stores write `?` for each parameter, PostgreSQL wants $1, $2, ... in their place. Pure.

#include <string>
#include <string_view>

namespace gyre::postgres {

// Question marks in quoted texts and names stay.
std::string with_numbered_parameters(std::string_view sql);

}  // namespace gyre::postgres
