#pragma once

// `env subst`: replaces $NAME and ${NAME} by the variable's value, or by nothing where it is not set. Every other
// dollar sign stays as it is.

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace gyre::injob {

using Lookup = std::function<std::optional<std::string>(const std::string& name)>;

std::string substitute_environment(std::string_view text, const Lookup& lookup);

}  // namespace gyre::injob
