#pragma once

// Warnings about what stands in a config as it is, whether something uses it or not: secrets, keys of caches that never
// change, time limits that nothing reaches. Reads the text's values, not what they expand to: each once.

#include "config/context.h"
#include "config/node.h"

namespace gyre::config {

// The longest time that a job has, where the server's settings say nothing else.
inline constexpr std::int64_t longest_job_ms = 5 * 3'600'000;

void check_literals(Context& context, const Document& document);

// Whether a value looks like a password, a token or a private key; `name` is the key before it, which may be empty.
// Errs on the side of silence: what has a reference or a variable in it is none, nor is a word that people choose for
// databases that live as long as a test.
bool looks_secret(std::string_view name, std::string_view value);

}  // namespace gyre::config
