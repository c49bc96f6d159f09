// Explanations: encodings, YAML, anchors.

#include <array>

#include "config/explain_parts.h"

namespace gyre::config {
namespace {

constexpr std::array parts{
    Explanation{
        .code = Code::too_large,
        .summary = "the config has more bytes than a config may have",
        .meaning = "A config is read on every push, so its size is bounded. The message names the limit.",
        .fix = "Move long scripts into files of the repository and call them from `run`, or split the config: a setup\n"
               "config can continue with a generated one.",
        .not_shown = "(No example: it would have megabytes.)"},
    Explanation{
        .code = Code::bad_encoding,
        .summary = "the file is not UTF-8",
        .meaning = "YAML is text in UTF-8. Other encodings (Latin-1, Windows-1252, UTF-16) would be read as other\n"
                   "characters than you wrote, so they are refused.",
        .fix = "Save the file as UTF-8. `file .circleci/config.yml` tells what it is now; `iconv -f latin1 -t utf-8`\n"
               "converts it.",
        .not_shown = "(No example: this text is UTF-8 itself.)"},
    Explanation{
        .code = Code::control_character,
        .summary = "a character that cannot be seen and may not stand in YAML",
        .meaning =
            "YAML allows no control characters but tab and line ends. One in a config comes from a file that is\n"
            "not text (UTF-16 has a NUL in every other byte) or from copying out of a terminal.",
        .fix = "Delete the character. Where a value needs it, write an escape in double quotes: \"\\x1b[1m\".",
        .not_shown = "(No example: you could not see the mistake.)"},
    Explanation{
        .code = Code::yaml_syntax,
        .summary = "the text is not YAML",
        .meaning = "The parser cannot go on here. The mistake is often on the line before: a quote that is not\n"
                   "closed, a missing ':', a tab, or indentation that fits nothing around it.",
        .fix = "Look at the marked place and at the line before. A value that contains ': ' or ' #', or starts\n"
               "with one of { [ * & ! | > % @ `, needs quotes.",
        .wrong = R"(version: 2.1
jobs:
  build:
    docker: [{image: cimg/base:stable}]
    steps:
      - run: echo note: this is not YAML
)",
        .right = R"(version: 2.1
jobs:
  build:
    docker: [{image: cimg/base:stable}]
    steps:
      - run: 'echo note: this is YAML'
)"},
    Explanation{.code = Code::too_deep,
                .summary = "mappings and lists inside each other, deeper than the limit",
                .meaning = "No config that people write comes near the limit; a text that does is broken or hostile.",
                .fix = "Look for brackets that are opened and never closed.",
                .not_shown = "(No example: it would fill the screen with brackets.)"},
    Explanation{.code = Code::too_many_nodes,
                .summary = "the config has more values than a config may have",
                .meaning = "Every value costs memory on the server, so their number is bounded, and so is that of "
                           "values that look like secrets. The message names the limit.",
                .fix = "Use a matrix, commands or anchors in place of repetition, or split the config.",
                .not_shown = "(No example: it would have a hundred thousand lines.)"},
    Explanation{.code = Code::several_documents,
                .summary = "a second YAML document after '---'",
                .meaning = "A config is one document. What stands behind '---' would be lost silently in other tools.",
                .fix = "Remove the '---' and what does not belong to the config.",
                .wrong = R"(version: 2.1
jobs:
  build:
    docker: [{image: cimg/base:stable}]
    steps: [checkout]
---
workflows: {}
)",
                .right = R"(version: 2.1
jobs:
  build:
    docker: [{image: cimg/base:stable}]
    steps: [checkout]
)"},
    Explanation{.code = Code::empty_config,
                .summary = "there is nothing in the config",
                .meaning = "The file is empty or has only comments, so there is no job to run.",
                .fix = "Write at least a version and a job.",
                .wrong = R"(# nothing yet
)",
                .right = R"(version: 2.1
jobs:
  build:
    docker: [{image: cimg/base:stable}]
    steps: [checkout]
)"},
    Explanation{.code = Code::duplicate_key,
                .summary = "the same key twice in one mapping",
                .meaning = "A mapping has each key once. Most YAML parsers silently keep the last one, and the first\n"
                           "is lost without a word: a job that never runs, a variable that is never set.",
                .fix = "Join the two, rename one of them, or remove it.",
                .wrong = R"(version: 2.1
jobs:
  build:
    docker: [{image: cimg/base:stable}]
    environment: {A: "1"}
    environment: {B: "2"}
    steps: [checkout]
)",
                .right = R"(version: 2.1
jobs:
  build:
    docker: [{image: cimg/base:stable}]
    environment: {A: "1", B: "2"}
    steps: [checkout]
)"},
    Explanation{.code = Code::unknown_anchor,
                .summary = "an alias (*name) of an anchor (&name) that is not there",
                .meaning = "An alias repeats what an anchor named further up in the same file. Anchors are gone when\n"
                           "the file ends: they cannot come from an orb or from another file.",
                .fix = "Move the anchor above its first use, or correct the name.",
                .wrong = R"(version: 2.1
base: &base
  docker: [{image: cimg/base:stable}]
jobs:
  build:
    <<: *bas
    steps: [checkout]
)",
                .right = R"(version: 2.1
base: &base
  docker: [{image: cimg/base:stable}]
jobs:
  build:
    <<: *base
    steps: [checkout]
)"},
    Explanation{.code = Code::recursive_anchor,
                .summary = "an alias inside of the value that its anchor names",
                .meaning = "The value would contain itself, without end.",
                .fix = "Give the inner part an anchor of its own.",
                .wrong = R"(version: 2.1
jobs:
  build: &build
    docker: [{image: cimg/base:stable}]
    environment: *build
    steps: [checkout]
)",
                .right = R"(version: 2.1
jobs:
  build:
    docker: [{image: cimg/base:stable}]
    environment: {A: "1"}
    steps: [checkout]
)"},
    Explanation{.code = Code::bad_merge,
                .summary = "`<<:` with something that is not a mapping",
                .meaning = "`<<: *name` copies the entries of a mapping into another one; a list or a text has none.",
                .fix = "Merge mappings only. A list of steps cannot be merged: make it a command.",
                .wrong = R"(version: 2.1
prepare: &prepare
  - checkout
jobs:
  build:
    docker: [{image: cimg/base:stable}]
    <<: *prepare
    steps: [checkout]
)",
                .right = R"(version: 2.1
base: &base
  docker: [{image: cimg/base:stable}]
jobs:
  build:
    <<: *base
    steps: [checkout]
)"},
    Explanation{.code = Code::too_much_expansion,
                .summary = "aliases, commands or a matrix expand to more than the limit",
                .meaning = "A short text can stand for an endless one: an alias of a list of aliases, commands that\n"
                           "call each other twice, a matrix over ten parameters. What a config expands to is bounded,\n"
                           "so that no config can stop the server.",
                .fix = "Look at what is repeated most, at the marked place first, and split the workflow.",
                .not_shown = "(No example: it would take the server's time to show that.)"},
    Explanation{.code = Code::more_diagnostics,
                .summary = "there are more errors, or more warnings, than are shown",
                .meaning =
                    "A hundred of each are shown. The marked place is one of those that are left out; the others\n"
                    "may stand above it.",
                .fix = "Mend those that are shown, the first ones first: many of the others often go with them.",
                .not_shown = "(No example: it would have more than a hundred mistakes.)"},
};

}  // namespace

std::span<const Explanation> explained_text() { return parts; }

}  // namespace gyre::config
