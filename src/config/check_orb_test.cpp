#include "config/check_orb.h"

#include "config/test_support.h"

namespace gyre::config::test {
namespace {

OrbAnswer known_orbs(const OrbReference& reference) {
    if (reference.name != "acme/base") return OrbAbsent{"the server has no orb '" + reference.name + "'", "publish it"};
    // A mistake in somebody else's orb is not this publisher's to mend, unless it is used.
    return OrbText{"acme/base@1.0.0", "1.0.0",
                   "version: 2.1\ncommands:\n  hello: {steps: [checkout]}\n  broken: {steps: [nowhere]}\n"};
}

std::string checked(std::string_view text) {
    std::string lines;
    for (const Diagnostic& one : check_orb(text, {.file = "orb.yml", .orbs = known_orbs})) {
        if (one.severity == Severity::warning) lines += "warning ";
        lines += std::to_string(one.range.line) + ":" + std::to_string(one.range.column) + " " +
                 std::string(name_of(one.code)) + ": " + one.message + "\n";
    }
    return lines;
}

TEST(CheckOrb, finds_nothing_wrong_with_a_good_one) {
    EXPECT_EQ(checked(R"(version: 2.1
description: tools
display: {home_url: https://x, source_url: https://y}
orbs: {base: acme/base@1}
executors:
  box: {parameters: {tag: {type: string, default: stable}}, docker: [{image: box:<< parameters.tag >>}]}
commands:
  say: {parameters: {what: {type: string}}, steps: [{run: say << parameters.what >>}, base/hello]}
jobs:
  talk: {parameters: {tag: {type: string}}, executor: {name: box, tag: << parameters.tag >>}, steps: [{say: {what: hi}}]}
examples:
  talking: {usage: {version: 2.1, orbs: {tools: acme/tools@1}, workflows: {w: {jobs: [tools/talk]}}}}
)"),
              "");
}

TEST(CheckOrb, reads_all_that_nobody_uses) {
    EXPECT_EQ(checked("version: 2.1\ncommands: {c: {steps: [nowhere]}}\n"),
              "2:24 unknown-step: no step or command is called 'nowhere'\n");
    EXPECT_EQ(checked("version: 2.1\nexecutors: {e: {docker: [{}]}}\n"),
              "2:26 missing-key: a docker entry needs 'image'\n");
    EXPECT_EQ(checked("version: 2.1\njobs: {j: {executor: gone, steps: [checkout]}}\n"),
              "2:22 unknown-executor: no executor is called 'gone'\n");
    EXPECT_EQ(checked("version: 2.1\norbs:\n  in:\n    commands: {c: {steps: [nowhere]}}\n"),
              "4:28 unknown-step: no step or command is called 'nowhere'\n");
    EXPECT_EQ(checked("version: 2.1\ncommands: {c: {parameters: {p: {type: string}}, steps: [checkout]}}\n"),
              "warning 2:29 unused-parameter: nothing refers to the parameter 'p' of the command 'c'\n");
}

TEST(CheckOrb, wants_the_orbs_that_it_imports) {
    EXPECT_EQ(checked("version: 2.1\norbs: {other: acme/other@1}\n"),
              "2:15 orb-unavailable: the orb 'acme/other@1' is not available: the server has no orb 'acme/other'\n");
}

TEST(CheckOrb, refuses_what_is_no_orb) {
    EXPECT_EQ(checked("commands: {}\n"), "1:1 missing-version: the orb does not say its version\n");
    EXPECT_EQ(checked("version: 2\ncommands: {}\n"), "1:10 unsupported-version: an orb cannot be of version '2'\n");
    for (const std::string& text : {std::string(), std::string("- a\n"), std::string("\0\0", 2), std::string("a: *b\n"),
                                    std::string("{{{{"), std::string("version: [2.1]\n")}) {
        EXPECT_TRUE(has_errors(check_orb(text, {}))) << text;
    }
}

}  // namespace
}  // namespace gyre::config::test
