#pragma once

// Warnings about what stands in a config as it is, whether something uses it or not: secrets, keys of caches that never
// change, time limits that nothing reaches. Reads the text's values, not what they expand to: each once.

#include "config/context.h"
#include "config/node.h"
#include "config/secrets.h"

namespace gyre::config {

// The longest time that a job has, where the server's settings say nothing else.
inline constexpr std::int64_t longest_job_ms = 5 * 3'600'000;

// `secrets` are those of the document.
void check_literals(Context& context, const Document& document, const std::vector<Secret>& secrets);

}  // namespace gyre::config
