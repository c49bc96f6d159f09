#pragma once

// Reruns of failed tests: which names of a list run again. A run that leaves tests out must not leave out one that
// failed: unless each of those is found in the list, all names run. Pure.

#include <string>
#include <string_view>
#include <vector>

#include "wire/earlier_tests.h"

namespace gyre::injob {

struct Again {
    std::vector<std::string> names;  // in the order of the list
    std::string why_all;             // why these are all of them; empty: those that failed
};

// A test is found by its file or its classname, `by_name` by its own name, too. `directory`: as in Timings.
Again run_again(const std::vector<std::string>& names, const wire::FailedBefore& failed, bool by_name,
                std::string_view directory);

}  // namespace gyre::injob
