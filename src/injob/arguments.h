#pragma once

// The command line of one subcommand: `--name value`, `--name=value`, switches, also by a letter, and what is left in
// order; `--` ends the options. An option not named by the caller is `invalid`, with the nearest known name.

#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace gyre::injob {

// What can be told apart by whoever starts a subcommand.
enum ExitCode {
    exit_ok = 0,
    exit_failed = 1,
    exit_usage = 2,
    exit_no_match = 3,   // pack --must-match: a pattern matched nothing
    exit_occupied = 4,   // unpack --checkout: the directory holds something that is no git repository
    exit_nothing = 5,    // pack: none of the paths exists
    exit_too_large = 6,  // cat: more bytes than --max-bytes
    exit_not_found = 7,  // cat, find-xml, collect: no such path
    exit_again = 8,      // unpack --checkout: the directory is a git repository already; nothing was unpacked
    exit_refused = 9,    // unpack: this user may not write to the directory, or nobody may
};

struct OptionNames {
    std::set<std::string, std::less<>> with_value;
    std::set<std::string, std::less<>> switches;
    std::map<char, std::string> letters = {};  // `-v` for a switch
};

struct Arguments {
    std::map<std::string, std::string, std::less<>> options;  // a switch has the value ""
    std::vector<std::string> rest;

    bool has(std::string_view name) const { return options.find(name) != options.end(); }
    std::string text(std::string_view name, const std::string& fallback = "") const;
    // A whole number not below zero.
    Result<long long> number(std::string_view name, long long fallback) const;
};

Result<Arguments> parse_arguments(std::span<const std::string> words, const OptionNames& known);

// The name of `known` that is fewest edits away from `wrong`, or empty when none is near.
std::string nearest_name(std::string_view wrong, std::span<const std::string> known);

}  // namespace gyre::injob
