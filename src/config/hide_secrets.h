#pragma once

// Diagnostics are printed, stored and sent to other services: a literal that a diagnostic takes for a secret must not
// be in any of them.

#include <vector>

#include "config/diagnostic.h"

namespace gyre::config {

// Puts `*` in the place of all that a diagnostic of code secret_literal marks, in every excerpt that shows a part of it
// (its own, and those of other diagnostics and notes), and of the same text in messages. Doing it twice changes
// nothing.
void hide_secrets(std::vector<Diagnostic>& diagnostics);

}  // namespace gyre::config
