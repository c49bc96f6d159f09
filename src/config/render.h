#pragma once

// Diagnostics as people and programs read them. Pure; whatever a config contains, the output is well-formed and shows
// no control characters. The order of the diagnostics is kept.

#include <string>
#include <vector>

#include "config/diagnostic.h"

namespace gyre::config {

struct TextStyle {
    bool colours = false;  // of a terminal (ECMA-48)
};

// What people see:
//   config.yml:5:7: error: unknown key 'imagee' in a docker entry [unknown-key]
//     5 |     - imagee: cimg/base
//       |       ^^^^^^
//     help: did you mean 'image'?
//     note: ...                                     a second place that matters, with its own line
//     at config.yml:9:5: merged in here by '<<'     the path to the place, innermost first, each station deeper
std::string render_text(const Diagnostic& diagnostic, TextStyle style = {});
// One after the other, an empty line between them.
std::string render_text(const std::vector<Diagnostic>& diagnostics, TextStyle style = {});

// {"valid": whether nothing is an error, "diagnostics": [...]}, each with the members of Diagnostic.
std::string render_json(const std::vector<Diagnostic>& diagnostics);

// SARIF 2.1.0 (OASIS), for code scanning: one run; a rule for each code that occurs, with its explanation; notes as
// related locations; a suggestion as a fix where it replaces exactly what is marked. Columns count characters.
std::string render_sarif(const std::vector<Diagnostic>& diagnostics);

// Workflow commands of GitHub Actions, one line each: `::error file=...,line=...,col=...::message`.
std::string render_github(const std::vector<Diagnostic>& diagnostics);

// "2 errors, 1 warning", "100 errors and more"; empty when there are none.
std::string summary(const std::vector<Diagnostic>& diagnostics);

// "config.yml:5:7"
std::string place_of(const std::string& file, const Range& range);

}  // namespace gyre::config
