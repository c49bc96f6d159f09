// What is paid for in reading a config grows with the config and no faster: measured in what it spends
// (CompileLimits::expanded_bytes), which is the same on every machine.

#include <gtest/gtest.h>

#include <functional>

#include "config/compile.h"
#include "config/text_in_test.h"

namespace gyre::config {
namespace {

using test::numbered;
using test::repeat;

const std::string version = "version: 2.1\n";

std::string job(const std::string& steps) { return "jobs: {build: {machine: true, steps: [" + steps + "]}}\n"; }

bool suffices(const std::string& text, std::size_t bytes) {
    static const std::string orb = "version: 2.1\nexamples: {x: [" + repeat("1,", 1'000) + "]}\n";
    const CompileInput input{.branch = "main", .orbs = [](const OrbReference&) {
                                 return OrbAnswer{OrbText{"orb.yml", "1.0.0", orb}};
                             }};
    const CompileResult result = compile(text, input, {.expanded_bytes = bytes});
    return result.diagnostics.empty() || result.diagnostics.front().code != Code::too_much_expansion;
}

// The least budget that is enough.
std::size_t spent_on(const std::string& text) {
    std::size_t too_little = 0;
    std::size_t enough = CompileLimits{}.expanded_bytes;
    EXPECT_TRUE(suffices(text, enough));
    while (enough - too_little > 1) {
        const std::size_t middle = too_little + (enough - too_little) / 2;
        (suffices(text, middle) ? enough : too_little) = middle;
    }
    return enough;
}

struct Row {
    const char* what;
    std::function<std::string(int)> text;
    std::size_t bytes_each;  // at most
};

const std::vector<Row>& rows() {
    static const std::vector<Row> all{
        {"steps", [](int n) { return version + job(repeat("checkout, ", n)); }, 1'000},
        {"aliases of one step", [](int n) { return version + "x: &x {run: a}\n" + job(repeat("*x, ", n)); }, 1'000},
        {"conditions that are aliases of each other",
         [](int n) {
             return version + "x: [&x0 {not: true}, " + numbered("&x@ {not: *x#}, ", n) + "]\n" +
                    job("when: {condition: *x" + std::to_string(n) + ", steps: [checkout]}, checkout");
         },
         200},
        {"references in one command",
         [](int n) { return version + job("run: 'a " + numbered("<< pipeline.number >> # ", n) + "'"); }, 1'000},
        {"commands that call each other",
         [](int n) {
             return version + "commands:\n" + numbered("  c#: {steps: [c@]}\n", n) + "  c" + std::to_string(n) +
                    ": {steps: [checkout]}\n" + job("c0");
         },
         2'000},
        {"imports of one orb",
         [](int n) { return version + "x: &o acme/o@1\norbs: {" + numbered("o#: *o, ", n) + "}\n" + job("checkout"); },
         2'000},
        {"copies of a job by a matrix",
         [](int n) {
             return version +
                    "jobs: {a: {machine: true, parameters: {p: {type: integer}}, steps: [run: a << parameters.p >>]}}\n"
                    "workflows: {w: {jobs: [a: {matrix: {parameters: {p: [" +
                    numbered("#, ", n) + "]}}}]}}\n";
         },
         8'000},
        {"jobs in a row",
         [](int n) {
             return version + "jobs: {a: {machine: true, steps: [checkout]}}\nworkflows: {w: {jobs: [a: {name: n0}, " +
                    numbered("a: {name: n@, requires: [n#]}, ", n) + "]}}\n";
         },
         8'000},
    };
    return all;
}

TEST(Growth, is_as_that_of_the_text) {
    constexpr int some = 30;
    for (const Row& row : rows()) {
        const std::size_t once = spent_on(row.text(some));
        const std::size_t twice = spent_on(row.text(2 * some));
        const std::size_t thrice = spent_on(row.text(3 * some));
        EXPECT_GT(twice, once) << row.what;
        EXPECT_LE(thrice - twice, (twice - once) * 11 / 10) << row.what;
        EXPECT_LE(twice - once, some * row.bytes_each) << row.what;
    }
}

// 40 levels of calls of two cannot be paid for, however cheap one is.
TEST(Growth, beyond_the_text_is_refused) {
    const std::string text = version + "commands:\n" + numbered("  c#: {steps: [c@, c@]}\n", 40) +
                             "  c40: {steps: [checkout]}\n" + job("c0");
    EXPECT_FALSE(suffices(text, CompileLimits{}.expanded_bytes));
}

}  // namespace
}  // namespace gyre::config
