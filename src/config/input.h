#pragma once

// What a config is compiled for: the facts of the trigger, what was given to the pipeline, and where orbs come from.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "model/orb_reference.h"

namespace gyre::config {

using Scalar = std::variant<bool, std::int64_t, std::string>;

// The source of an orb, or why there is none: a sentence that says what to do about it.
struct OrbText {
    std::string file;     // named in diagnostics
    std::string version;  // the full version that was meant: "1.2.3", or as asked for
    std::string text;
};
struct OrbAbsent {
    std::string why;
    std::string what_to_do;
    std::string nearest = {};  // the name of one that is there; empty: none is near
};
using OrbAnswer = std::variant<OrbText, OrbAbsent>;
// Asked once for each reference ("node" in "circleci", version "5.1", "volatile" or "dev:label"). Must not throw.
using gyre::OrbReference;
// An orb that was imported from a source.
struct ResolvedOrb {
    std::string name;
    std::string asked;    // the version as in the config
    std::string version;  // the full one
    std::string sha256;   // of its text
};
using OrbSource = std::function<OrbAnswer(const OrbReference&)>;

struct CompileInput {
    std::string file = ".circleci/config.yml";  // named in diagnostics
    // At most one of the two. With neither, filters are checked but not applied: every job is planned.
    std::string branch;
    std::string tag;
    // The workflow that was asked for by its name: it runs although it has `triggers`. Empty: those without run only.
    std::string workflow;
    // Pipeline parameters that were given, by name; what the config does not declare is an error.
    std::map<std::string, Scalar, std::less<>> parameters;
    // Such that were given as text, where the type that the config declares says what they are; none of the above.
    std::map<std::string, std::string, std::less<>> parameter_texts;
    // Pipeline values by their name without "pipeline.": "number", "git.revision". Known ones that are absent are null;
    // `git.branch` and `git.tag` come from above.
    std::map<std::string, Scalar, std::less<>> values;
    std::optional<int> gpus;       // the most that a job can get; nothing: it is not known, and any number will do
    OrbSource orbs;                // may be empty: then no orb is available but inline ones
    bool is_continuation = false;  // the config that a setup workflow handed over: `setup` is not allowed in it
};

}  // namespace gyre::config
