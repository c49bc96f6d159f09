// Hostile uses of what version 2.1 can reuse: each gets an answer, within bounded memory, however much it multiplies
// to.

#include <gtest/gtest.h>

#include <functional>

#include "config/memory_in_test.h"
#include "config/text_in_test.h"

namespace gyre::config {
namespace {

using test::numbered;
using test::repeat;

std::string job(const std::string& steps) { return "jobs: {build: {machine: true, steps: [" + steps + "]}}\n"; }

std::string with_commands(const std::string& commands, const std::string& steps) {
    return "version: 2.1\ncommands:\n" + commands + job(steps);
}

// Steps of a command whose parameter b is `b`.
std::string with_parameter(const std::string& b, const std::string& steps) {
    return with_commands("  c: {parameters: {b: {type: string, default: " + b + "}}, steps: [" + steps + "]}\n", "c");
}

std::string with_matrix(const std::string& parameters, const std::string& values, const std::string& more = "") {
    return "version: 2.1\njobs: {a: {machine: true, parameters: {" + parameters +
           "}, steps: [checkout]}}\nworkflows: {w: {jobs: [a: {matrix: {parameters: {" + values + "}" + more +
           "}}]}}\n";
}

// `times` values &x1, &x2, ..., each of the one before, and a condition that is the last one.
std::string with_condition(const std::string& first, const std::string& next, int times) {
    return "version: 2.1\nx: [&x0 " + first + ", " + numbered("&x@ " + next + ", ", times) + "]\n" +
           job("when: {condition: *x" + std::to_string(times) + ", steps: [checkout]}");
}

const std::string long_expression = repeat("parameters.b == 1 or ", 190) + "1";
const std::string digits = "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]";

struct Row {
    const char* what;
    std::function<std::string()> text;
    const char* answer;
};

std::vector<Row> rows() {
    return {
        {"a command that calls itself", [] { return with_commands("  a: {steps: [a]}\n", "a"); }, "recursive-command"},
        {"commands that call each other",
         [] { return with_commands("  a: {steps: [b]}\n  b: {steps: [when: {condition: true, steps: [a]}]}\n", "a"); },
         "recursive-command"},
        {"a million open ends in a cache's key",
         [] { return "version: 2.1\n" + job("restore_cache: {key: '" + repeat("{{", 990'000) + "'}"); }, "compiles"},
        {"a million open ends in a cache's key, and one that closes",
         [] { return "version: 2.1\n" + job("restore_cache: {key: '" + repeat("{{", 990'000) + "}}'}"); }, "compiles"},
        {"a wrong value 200,000 times in a cache's key",
         [] { return "version: 2.1\n" + job("restore_cache: {key: '" + repeat("{{ .A }}", 200'000) + "'}"); },
         "compiles"},
        {"80,000 wrong values in a cache's key",
         [] { return "version: 2.1\n" + job("restore_cache: {key: '" + numbered("{{.A#}}", 80'000) + "'}"); },
         "compiles"},
        {"a chain of 10,000 commands",
         [] { return with_commands(numbered("  c#: {steps: [c@]}\n", 10'000) + "  c10000: {steps: []}\n", "c0"); },
         "too-deep"},
        {"10^12 steps by commands",
         [] {
             return with_commands(
                 numbered("  c#: {steps: [" + repeat("c@, ", 10) + "]}\n", 12) + "  c12: {steps: [checkout]}\n", "c0");
         },
         "too-much-expansion"},
        {"10^12 steps by commands that nobody calls",
         [] {
             return with_commands(
                 numbered("  c#: {steps: [" + repeat("c@, ", 10) + "]}\n", 12) + "  c12: {steps: [checkout]}\n",
                 "checkout");
         },
         "too-much-expansion"},
        {"10^12 steps under a condition that does not hold",
         [] {
             return with_commands(
                 numbered("  c#: {steps: [" + repeat("c@, ", 10) + "]}\n", 12) + "  c12: {steps: [checkout]}\n",
                 "when: {condition: false, steps: [c0]}, run: last");
         },
         "too-much-expansion"},
        {"2^60 bytes by arguments",
         [] {
             return with_commands(
                 numbered("  c#: {parameters: {x: {type: string}}, steps: [c@: {x: \"<< parameters.x >><< parameters.x "
                          ">>\"}]}\n",
                          60) +
                     "  c60: {parameters: {x: {type: string}}, steps: [run: << parameters.x >>]}\n",
                 "c0: {x: ab}");
         },
         "too-much-expansion"},
        {"2^40 steps by arguments",
         [] {
             return with_commands(
                 numbered(
                     "  c#: {parameters: {s: {type: steps}}, steps: [c@: {s: [steps: << parameters.s >>, steps: << "
                     "parameters.s >>]}]}\n",
                     40) +
                     "  c40: {parameters: {s: {type: steps}}, steps: [steps: << parameters.s >>]}\n",
                 "c0: {s: [checkout]}");
         },
         "too-much-expansion"},
        {"10^11 conditions by aliases",
         [] {
             std::string text = "version: 2.1\nl0: &l0 {and: [true]}\n";
             text += numbered("l@: &l@ {and: [" + repeat("*l#, ", 10) + "]}\n", 11);
             return text + job("when: {condition: *l11, steps: [checkout]}");
         },
         "too-much-expansion"},
        {"a matrix of 10^10",
         [] { return with_matrix(numbered("p#: {type: integer}, ", 10), numbered("p#: " + digits + ", ", 10)); },
         "bad-matrix"},
        {"a matrix of 99,000", [] { return with_matrix("p: {type: integer}", "p: [" + numbered("#,", 99'000) + "]"); },
         "bad-matrix"},
        {"32,000 exclusions",
         [] {
             return with_matrix("p: {type: integer}", "p: " + digits,
                                ", exclude: [" + numbered("{p: #}, ", 32'000) + "]");
         },
         "bad-matrix"},
        {"orbs 25 deep",
         [] {
             return "version: 2.1\norbs: " + repeat("{o: {orbs: ", 25) + "{o: {commands: {c: {steps: [checkout]}}}}" +
                    repeat("}}", 25) + "\n" + job("o/c");
         },
         "bad-orb"},
        {"orbs 20,000 deep by aliases",
         [] {
             return "version: 2.1\nx: [&x0 {orbs: {}}, " + numbered("&x@ {orbs: {a: *x#}}, ", 20'000) +
                    "]\norbs: {a: *x20000}\n" + job("checkout");
         },
         "too-deep"},
        {"90 conditions by aliases", [] { return with_condition("{not: true}", "{not: *x#}", 90); }, "compiles"},
        {"110 conditions by aliases", [] { return with_condition("{not: true}", "{not: *x#}", 110); }, "too-deep"},
        {"50,000 conditions by aliases", [] { return with_condition("{not: true}", "{not: *x#}", 50'000); },
         "too-deep"},
        {"50,000 statements in lists by aliases", [] { return with_condition("true", "{or: [*x#]}", 50'000); },
         "too-deep"},
        {"equal lists 110 deep by aliases",
         [] {
             return "version: 2.1\nx: [&x0 [], " + numbered("&x@ [*x#], ", 110) + "&y0 [], " +
                    numbered("&y@ [*y#], ", 110) + "]\n" + job("when: {condition: {equal: [*x110, *y110]}, steps: []}");
         },
         "too-deep"},
        {"equal lists that references nest",
         [] {
             const std::string take = "{parameters: {s: {type: steps}, t: {type: steps}}, steps: [";
             return with_commands(
                 numbered("  c#: " + take + "c@: {s: [[[<< parameters.s >>]]], t: [[[<< parameters.t >>]]]}]}\n", 90) +
                     "  c90: " + take +
                     "when: {condition: {equal: [<< parameters.s >>, << parameters.t >>]}, steps: "
                     "[]}]}\n",
                 "c0: {s: [], t: []}");
         },
         "too-deep"},
        {"48,000 unknown arguments",
         [] { return with_commands("  c: {steps: [checkout]}\n", "c: {" + numbered("p#: a, ", 48'000) + "}"); },
         "unknown-argument"},
        {"33,000 unknown references",
         [] { return "version: 2.1\n" + job(numbered("run: << parameters.x# >>, ", 33'000)); }, "unknown-parameter"},
        {"40,000 unknown pipeline values in one command",
         [] { return "version: 2.1\n" + job("run: '" + numbered("<< pipeline.z# >> ", 40'000) + "'"); },
         "unknown-reference"},
        {"40,000 unknown references in one block",
         [] {
             return "version: 2.1\njobs:\n  build:\n    machine: true\n    steps:\n      - run: |\n" +
                    numbered("          << matrix.z# >>\n", 40'000);
         },
         "unknown-reference"},
        {"40,000 bad expressions in one command",
         [] { return "version: 2.1\n" + job("run: '" + numbered("<< pipeline.number + # >> ", 40'000) + "'"); },
         "bad-expression"},
        {"a million marks", [] { return "version: 2.1\n" + job("run: \"" + repeat("<<", 1'000'000) + ">>\""); },
         "compiles"},
        {"97,000 uses of a long expression",
         [] { return with_parameter("a", "&w {run: << " + long_expression + " >>}" + repeat(", *w", 97'000)); },
         "too-much-expansion"},
        {"a long expression in 10^6 calls",
         [] {
             return with_commands(numbered("  c#: {steps: [" + repeat("c@, ", 10) + "]}\n", 6) +
                                      "  c6: {parameters: {b: {type: string, default: a}}, steps: [run: << " +
                                      long_expression + " >>]}\n",
                                  "c0");
         },
         "too-much-expansion"},
        {"a megabyte looked up 50,000 times",
         [] {
             return with_parameter(std::string(1'000'000, 'x'), repeat("run: << " + long_expression + " >>, ", 260));
         },
         "too-much-expansion"},
        {"a megabyte matched 30,000 times",
         [] {
             const std::string matches = repeat("parameters.b matches /(x|y)*z/ or ", 115) + "true";
             return with_parameter(std::string(1'000'000, 'x'), repeat("run: << " + matches + " >>, ", 260));
         },
         "bad-expression"},
    };
}

std::string code_of(std::string_view text) {
    const CompileResult result = test::compile_on(text, "main");
    EXPECT_EQ(result.plan.has_value(), !has_errors(result.diagnostics));
    if (!has_errors(result.diagnostics)) return "compiles";
    return std::string(name_of(result.diagnostics.front().code));
}

TEST(HostileReuse, every_text_is_answered) {
    for (const Row& row : rows()) EXPECT_EQ(code_of(row.text()), row.answer) << row.what;
}

TEST(HostileReuse, no_text_takes_much_memory) {
    if (!test::can_measure_memory()) GTEST_SKIP() << "needs a build without sanitizers: they take memory of their own";
    for (const Row& row : rows()) EXPECT_LE(test::megabytes_to_compile(row.text()), 64) << row.what;
}

// 150 jobs with a key that does nothing, which is a warning; then one with these steps, and `more`.
std::string many_warnings(const std::string& steps, const std::string& more) {
    return "version: 2.1\ncommands: {c: {steps: [run: " + std::string(100'000, 'x') +
           "]}}\njobs:\n  a: {machine: true, steps: [" + steps + "]}\n" +
           numbered("  j#: {machine: true, circleci_ip_ranges: true, steps: [checkout]}\n", 150) +
           "workflows:\n  w:\n    jobs:\n" + numbered("      - j#\n", 150) + "      - a\n" + more;
}

std::string last_error_of(std::string_view text) {
    const CompileResult result = test::compile_on(text, "main");
    EXPECT_FALSE(result.plan);
    std::string last = "none";
    for (const Diagnostic& one : result.diagnostics) {
        if (one.severity == Severity::error) last = std::string(name_of(one.code)) + ": " + one.message;
    }
    return last;
}

TEST(HostileReuse, no_number_of_warnings_hides_an_error) {
    EXPECT_EQ(last_error_of(many_warnings("checkout", "      - nosuch\n")), "unknown-job: no job 'nosuch' in 'jobs'");
    EXPECT_EQ(last_error_of(many_warnings(repeat("c, ", 400) + "run: last", "")).substr(0, 18), "too-much-expansion");
}

TEST(HostileReuse, what_is_not_shown_is_said) {
    EXPECT_EQ(last_error_of("version: 2.1\n" + job(numbered("s#, ", 250))),
              "more-diagnostics: 100 errors are shown, and at least 150 more are not");
    EXPECT_EQ(last_error_of("version: 2.1\n" + job(numbered("s#, ", 101))),
              "more-diagnostics: 100 errors are shown, and at least 1 more is not");
    EXPECT_EQ(last_error_of("version: 2.1\n" + job(numbered("s#, ", 100))),
              "unknown-step: no step or command is called 's99'");
    EXPECT_EQ(last_error_of("version: 2.1\n" + job("run: '" + numbered("<< pipeline.z# >> ", 250) + "'")),
              "more-diagnostics: 100 errors are shown, and there may be more");
    EXPECT_EQ(last_error_of(repeat("a: 1\n", 200)),
              "more-diagnostics: 100 errors are shown, and the text behind them has not been read");
}

TEST(HostileReuse, after_enough_errors_little_is_read) {
    const std::string wrong = "build: {machine: true, steps: [" + numbered("s#, ", 100) + "c0]}";
    EXPECT_EQ(
        last_error_of("version: 2.1\ncommands:\n" + numbered("  c#: {steps: [" + repeat("c@, ", 10) + "]}\n", 12) +
                      "  c12: {steps: [checkout]}\njobs: {" + wrong + "}\n"),
        "more-diagnostics: 100 errors are shown, and there may be more");
}

TEST(HostileReuse, a_complaint_that_is_shown_is_not_counted_again) {
    EXPECT_EQ(last_error_of(with_commands("  c: {steps: [" + numbered("s#, ", 100) + "]}\n", repeat("c, ", 9))),
              "unknown-step: no step or command is called 's99'");
}

}  // namespace
}  // namespace gyre::config
