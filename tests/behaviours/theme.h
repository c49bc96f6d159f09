#pragma once

// A theme of the table in docs/agent-behaviours.md: <name>.yml is a config whose jobs each show one behaviour, and
// <name>.json says what is to be seen of each. Errors are thrown.

#include <boost/describe.hpp>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace gyre::test {

// By name of a step, what is expected of the first one of that name.
template <typename T>
using OfSteps = std::map<std::string, T>;

// In texts, {number} stands for the job's number and {revision} for the commit.
struct Expected {
    std::string ends;  // status of the job
    std::string cancel_when_it_prints;
    std::vector<std::string> prints;  // somewhere in its output
    std::vector<std::string> never;
    OfSteps<std::string> steps;                             // status
    OfSteps<std::string> output;                            // all of it
    OfSteps<std::string> bytes;                             // the same in hexadecimal digits
    OfSteps<std::int64_t> sizes;                            // of the output, in bytes
    OfSteps<std::int64_t> codes;                            // that its command exited with
    std::map<std::string, OfSteps<std::string>> output_on;  // by executor
    std::optional<std::vector<std::string>> artifacts;      // their paths, sorted
    std::optional<std::vector<std::string>> tests;          // "class.name result", as the server lists them
};

struct Theme {
    std::string name;
    std::string config;
    std::vector<std::string> server;              // flags
    std::vector<std::string> prepare;             // commands in the working copy before the push
    std::map<std::string, std::string> ssh_keys;  // private ones of the project, by hostname
    std::string tag;                              // pushed in place of the branch, when there is one
    int pushes = 1;                               // the last one counts
    std::string rerun;  // non-empty: then the workflow is run again with this body, and that run counts
    std::map<std::string, Expected> jobs;
};

BOOST_DESCRIBE_STRUCT(Expected, (),
                      (ends, cancel_when_it_prints, prints, never, steps, output, bytes, sizes, codes, output_on,
                       artifacts, tests))
BOOST_DESCRIBE_STRUCT(Theme, (), (server, prepare, ssh_keys, tag, pushes, rerun, jobs))

Theme read_theme(const std::string& name);
std::vector<std::string> theme_names();  // sorted

}  // namespace gyre::test
