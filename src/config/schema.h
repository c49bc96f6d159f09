#pragma once

// The language as a JSON Schema, for editors (completion, descriptions, marks while typing). Made from the tables that
// the compiler reads (config/keys.h, config/step_keys.h) and their descriptions (config/key_help.h).
//
// It accepts every config that compiles without warnings about unknown keys (which editors are to mark), and some that
// do not: names, references and types of arguments are beyond it.
// Draft-07, because that is what the YAML and JSON modes of editors know best. Wherever the compiler takes a value, a
// text with `<< >>` is accepted too.

#include "base/json.h"

namespace gyre::config {

json::object json_schema();

}  // namespace gyre::config
