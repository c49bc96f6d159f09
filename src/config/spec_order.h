#pragma once

// An order of what jobs are made of, to find equal ones among many. No hash: whoever writes a config chooses the texts,
// and could choose such that meet in one place of a table.

#include <compare>

#include "model/plan.h"

namespace gyre::config {

// Equal exactly when `==` says so; the order itself means nothing. Takes as long as the two are alike. Thread-safe.
std::strong_ordering compare(const JobSpec& a, const JobSpec& b);

}  // namespace gyre::config
