#pragma once

// Pipeline parameters in the body of a request. At most 100, names of at most 128 and texts of at most 512 characters.

#include <map>
#include <string>

#include "base/json.h"
#include "base/result.h"
#include "model/trigger.h"

namespace gyre::api {

// The member `name`, an object of strings, integers and booleans; absent or null: none. Error: invalid.
Result<PipelineParameters> parameters_member(const json::object& body, std::string_view name);
// The same, of strings alone.
Result<std::map<std::string, std::string>> texts_member(const json::object& body, std::string_view name);

}  // namespace gyre::api
