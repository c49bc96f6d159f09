// Explanations: warnings about what is legal and probably not meant.

#include <array>

#include "config/explain_parts.h"

namespace gyre::config {
namespace {

constexpr std::array parts{
    Explanation{.code = Code::deprecated_key,
                .summary = "works, and should be written in another way by now",
                .meaning = "The message says what took its place.",
                .fix = "Write the new form when you touch the place. `--allow deprecated-key` keeps the check silent.",
                .wrong = R"(version: 2.1
jobs:
  build:
    docker: [{image: cimg/base:stable}]
    steps:
      - deploy: make deploy
)",
                .right = R"(version: 2.1
jobs:
  build:
    docker: [{image: cimg/base:stable}]
    steps:
      - run: make deploy
)"},
    Explanation{.code = Code::ignored_key,
                .summary = "accepted, and does nothing",
                .meaning = "Existing configs have it, so it is no error; but whoever reads the config may believe in\n"
                           "it. The message says why it does nothing.",
                .fix = "Remove it. `--allow ignored-key` keeps the check silent.",
                .wrong = R"(version: 2.1
jobs:
  build:
    docker: [{image: cimg/base:stable}]
    circleci_ip_ranges: true
    steps: [checkout]
)",
                .right = R"(version: 2.1
jobs:
  build:
    docker: [{image: cimg/base:stable}]
    steps: [checkout]
)"},
    Explanation{.code = Code::secret_literal,
                .summary = "what looks like a password or a token stands in the config",
                .meaning = "Everybody who can read the repository can read it, now and in its history, and builds of\n"
                           "forks get it too. A literal in a config is not masked in logs either.",
                .fix = "Take it back where it was issued, since it is known by now. Put the new one into a context or\n"
                       "into the project's variables and refer to it as $NAME in commands. When it is no secret:\n"
                       "`--allow secret-literal`.",
                .wrong = R"(version: 2.1
jobs:
  build:
    docker: [{image: cimg/base:stable}]
    environment:
      AWS_SECRET_ACCESS_KEY: wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEYab
    steps: [checkout]
)",
                .right = R"(version: 2.1
jobs:
  build:
    docker: [{image: cimg/base:stable}]
    steps: [checkout]
workflows:
  all:
    jobs:
      - build: {context: aws}
)"},
    Explanation{.code = Code::cache_key_without_checksum,
                .summary = "the key of a saved cache never changes",
                .meaning = "A cache is never written twice: under a key that is always the same, what was saved first\n"
                           "stays until it expires, however the dependencies change.",
                .fix = "Put the checksum of the file that decides about the content into the key; restore with the\n"
                       "same key, and with a shorter one behind it to start from an older cache.",
                .wrong = R"(version: 2.1
jobs:
  build:
    docker: [{image: cimg/node:20.1}]
    steps:
      - checkout
      - save_cache: {key: modules, paths: [node_modules]}
)",
                .right = R"(version: 2.1
jobs:
  build:
    docker: [{image: cimg/node:20.1}]
    steps:
      - checkout
      - save_cache:
          key: modules-{{ checksum "package-lock.json" }}
          paths: [node_modules]
)"},
    Explanation{.code = Code::timeout_above_limit,
                .summary = "a time limit beyond the one that the job has anyway",
                .meaning = "A job is ended after the server's longest time for jobs (five hours, unless its settings\n"
                           "say otherwise), whatever a step may take.",
                .fix = "Take a shorter time, or split the job.",
                .wrong = R"(version: 2.1
jobs:
  build:
    docker: [{image: cimg/base:stable}]
    steps:
      - run: {command: make, no_output_timeout: 48h}
)",
                .right = R"(version: 2.1
jobs:
  build:
    docker: [{image: cimg/base:stable}]
    steps:
      - run: {command: make, no_output_timeout: 1h}
)"},
};

}  // namespace

std::span<const Explanation> explained_advice() { return parts; }

}  // namespace gyre::config
