#pragma once

// Ids of what has no row of its own, as the API shows them and tokens name them: always the same for the same.

#include <string>
#include <string_view>

namespace gyre {

std::string user_id(const std::string& login);  // people have a login only
// Of the organization that a project's slug begins with.
std::string organization_id(std::string_view slug);

}  // namespace gyre
