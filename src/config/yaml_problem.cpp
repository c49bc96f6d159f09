#include "config/yaml_problem.h"

#include <array>

namespace gyre::config {
namespace {

struct Known {
    std::string_view problem;
    std::string_view message;
    std::string_view expected;
};

constexpr std::array known{
    Known{"mapping values are not allowed in this context", "a ': ' cannot stand here",
          "quotes around a value that contains ': '; or ':' at the end of the line before"},
    Known{"did not find expected key", "this line does not fit the mapping around it",
          "a key at the same indentation as the others, and quotes closed on the lines before"},
    Known{"did not find expected '-' indicator", "this line does not fit the list around it",
          "'- ' at the same indentation as the other items"},
    Known{"could not find expected ':'", "a key without ':'",
          "'key: value'; text of several lines needs '|' after its key and deeper indentation"},
    Known{"found unexpected end of stream", "a quote that is never closed", "the closing quote"},
    Known{"block sequence entries are not allowed in this context", "a list cannot start here",
          "the list on a line of its own, below its key"},
    Known{"did not find expected ',' or ']'", "a list in [ ] that is not closed", "',' or ']'"},
    Known{"did not find expected ',' or '}'", "a mapping in { } that is not closed",
          "',' or '}'; quotes around a value that starts with '{'"},
    Known{"did not find expected <document start>", "text after the end of the document",
          "one value; is the line before complete?"},
    Known{"found undefined tag handle", "a '!' tag that nobody defined", "quotes around a value that starts with '!'"},
};

// Whether the first ': ' of a line is one too many: then the line before began a text that this one continues.
bool continues_text(std::string_view problem, std::string_view line) {
    return problem == known.front().problem && !line.empty() && line.front() == ' ' &&
           line.find(": ") == std::string_view::npos && line.find_first_of("\"'{[") == std::string_view::npos;
}

}  // namespace

YamlAdvice advise(std::string_view problem, char found, std::string_view line) {
    if (continues_text(problem, line)) {
        return {"this line continues the text of the line before, where no ': ' can stand",
                "the column in which the other keys or items stand; or ':' at the end of the line before"};
    }
    if (problem == "found character that cannot start any token") {
        if (found == '\t') return {"a tab cannot indent YAML", "spaces"};
        return {std::string("a value cannot start with '") + found + "'", "quotes around the value"};
    }
    for (const Known& one : known) {
        if (one.problem == problem) return {std::string(one.message), std::string(one.expected)};
    }
    return {std::string(problem), ""};
}

std::string describe_context(std::string_view context) {
    for (const std::string_view what : {"mapping", "sequence", "scalar", "alias", "anchor", "tag", "directive"}) {
        if (context.find(what) == std::string_view::npos) continue;
        return "the " + std::string(what == "sequence" ? "list" : what == "scalar" ? "text" : what) + " starts here";
    }
    return "it starts here";
}

}  // namespace gyre::config
