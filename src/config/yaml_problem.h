#pragma once

// libyaml's complaints, said so that the author of a config knows what to change.

#include <string>
#include <string_view>

namespace gyre::config {

struct YamlAdvice {
    std::string message;
    std::string expected;
};

// `problem` as libyaml words it; `found` is the character at the place (0 at the end of the text), `line` what stands
// before it on its line.
YamlAdvice advise(std::string_view problem, char found, std::string_view line);
// What libyaml was reading then ("while parsing a block mapping"), as a note at the place where that starts.
std::string describe_context(std::string_view context);

}  // namespace gyre::config
