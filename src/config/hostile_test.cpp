// Hostile and broken texts: each gets an answer that names the place and the limit, within bounded memory.

#include <gtest/gtest.h>

#include <functional>

#include "config/memory_in_test.h"
#include "config/test_support.h"
#include "config/text_in_test.h"

namespace gyre::config {
namespace {

using test::compile_on;
using test::repeat;

std::string first_of(std::string_view text) {
    const CompileResult result = compile_on(text, "main");
    EXPECT_EQ(result.plan.has_value(), !has_errors(result.diagnostics));
    EXPECT_LE(result.diagnostics.size(), 2 * (max_diagnostics + 1));
    if (result.diagnostics.empty()) return "compiles";
    const Diagnostic& one = result.diagnostics.front();
    return std::to_string(one.range.line) + ":" + std::to_string(one.range.column) + " " +
           std::string(name_of(one.code));
}

// Ten levels of ten aliases each, as the item of `steps`.
std::string billion_laughs(const std::string& leaf, const std::string& use) {
    std::string text = "version: 2\nl0: &l0 " + leaf + "\n";
    for (int level = 1; level < 10; ++level) {
        const std::string below = "*l" + std::to_string(level - 1);
        text += "l" + std::to_string(level) + ": &l" + std::to_string(level) + " [" + below + repeat(", " + below, 9) +
                "]\n";
    }
    return text + use;
}

// A thousand jobs, each an alias of one job with a thousand steps, each an alias of one step.
std::string wide_aliases(const std::string& command) {
    std::string text =
        "version: 2\nx-step: &step\n  run: " + command + "\njobs:\n  build: &build\n    machine: true\n    steps:\n";
    text += repeat("      - *step\n", 1000);
    for (int i = 0; i < 1000; ++i) text += "  j" + std::to_string(i) + ": *build\n";
    return text;
}

std::string merge_flood() {
    std::string text = "version: 2\nx: &x\n";
    for (int i = 0; i < 1000; ++i) text += "  k" + std::to_string(i) + ": 1\n";
    return text + "y:\n" + repeat("  - {<<: *x}\n", 1000);
}

std::string chain_of_jobs(int length) {
    std::string text = "version: 2\njobs: {a: {machine: true, steps: [checkout]}}\nworkflows:\n  w:\n    jobs:\n";
    for (int i = 0; i < length; ++i) {
        text += "      - a: {name: n" + std::to_string(i) +
                (i > 0 ? ", requires: [n" + std::to_string(i - 1) + "]" : "") + "}\n";
    }
    return text;
}

// `and` in `and`, with `not: false` innermost: `statements` in all.
std::string nested_conditions(std::string_view style, int statements) {
    std::string text = "version: 2.1\njobs:\n";
    text += " build: {machine: true, steps: [checkout]}\n";
    if (style == "{}") {
        text += "workflows: {w: {jobs: [build], when: ";
        for (int i = 1; i < statements; ++i) text += "{and: [true, ";
        text += "{not: false}";
        for (int i = 1; i < statements; ++i) text += "]}";
        return text + "}}\n";
    }
    text += "workflows:\n w:\n  jobs: [build]\n  when:\n";
    std::string margin = "   ";
    for (int i = 1; i < statements; ++i) {
        text += margin + "and:\n" + margin + "- true\n" + margin + "-\n";
        margin += ' ';
    }
    return text + margin + "not: false\n";
}

struct Row {
    const char* what;
    std::function<std::string()> text;
    const char* answer;
};

std::vector<Row> rows() {
    static const std::string plain = "jobs: {build: {machine: true, steps: [checkout]}}\n";
    return {
        {"nothing", [] { return ""; }, "1:1 empty-config"},
        {"a comment only", [] { return "# hello\n"; }, "1:1 empty-config"},
        {"a word", [] { return "hello"; }, "1:1 wrong-type"},
        {"a list", [] { return "- a\n- b\n"; }, "1:1 wrong-type"},
        {"100 MB", [] { return repeat("- a: 123\n", 11'650'000); }, "1:1 too-large"},
        {"100 MB of line ends", [] { return std::string(100U << 20U, '\n'); }, "1:1 too-large"},
        {"2 MB of line ends", [] { return std::string(2U << 20U, '\n'); }, "1:1 empty-config"},
        {"10k flow lists deep", [] { return std::string(10'000, '['); }, "1:257 too-deep"},
        {"10k flow maps deep", [] { return repeat("{a: ", 10'000); }, "1:1025 too-deep"},
        {"10k items deep", [] { return repeat("- ", 10'000); }, "1:513 too-deep"},
        {"10k keys deep", [] { return repeat("? ", 10'000); }, "1:3 wrong-type"},
        {"1M flow items", [] { return "a: [" + repeat("1,", 1'000'000) + "]"; }, "1:199999 too-many-nodes"},
        {"500k items", [] { return repeat("- a\n", 500'000); }, "100000:3 too-many-nodes"},
        {"290k anchors", [] { return repeat("- &a b\n", 290'000); }, "100000:6 too-many-nodes"},
        {"49k duplicates", [] { return repeat("a: 1\n", 49'000); }, "2:1 duplicate-key"},
        {"100k unknown aliases", [] { return repeat("- *a\n", 100'000); }, "1:3 unknown-anchor"},
        {"an anchor in itself", [] { return "a: &a\n  b: *a\n"; }, "2:6 recursive-anchor"},
        {"an anchor merged into itself", [] { return "a: &a\n  <<: *a\n"; }, "2:7 recursive-anchor"},
        {"one scalar of 2 MB", [] { return std::string((2U << 20U) - 10, 'a'); }, "1:1 wrong-type"},
        {"an open quote of 2 MB", [] { return "a: \"" + std::string((2U << 20U) - 10, 'a'); }, "1:4 yaml-syntax"},
        {"2 MB of '&'", [] { return std::string(2U << 20U, '&'); }, "1:2 yaml-syntax"},
        {"2 MB of '%'", [] { return std::string(2U << 20U, '%'); }, "1:2 yaml-syntax"},
        {"2 MB of '!'", [] { return std::string(2U << 20U, '!'); }, "1:1 empty-config"},
        {"2 MB of '\"'", [] { return std::string(2U << 20U, '"'); }, "1:3 yaml-syntax"},
        {"a word of 500,000 starts of a token", [] { return "a: _" + repeat("AKIA", 500'000); }, "1:1 missing-version"},
        {"400,000 starts of a token", [] { return "a: '" + repeat("AKIA ", 400'000) + "'"; }, "1:1 missing-version"},
        {"a NUL", [] { return std::string("version: 2\na: b\0c\n", 18); }, "2:5 control-character"},
        {"UTF-16",
         [] {
             return std::string(
                 "\xFF\xFE"
                 "a\0:\0",
                 6);
         },
         "1:1 bad-encoding"},
        {"Latin-1", [] { return "version: 2\nname: caf\xE9\n"; }, "2:10 bad-encoding"},
        {"an overlong slash", [] { return "a: \xC0\xAF\n"; }, "1:4 bad-encoding"},
        {"a surrogate", [] { return "a: \xED\xA0\x80\n"; }, "1:4 bad-encoding"},
        {"half a character", [] { return "a: \xE2\x82"; }, "1:4 bad-encoding"},
        {"an escape character", [] { return "a: \x1B[31m\n"; }, "1:4 control-character"},
        {"tabs", [] { return "version: 2\njobs:\n\tbuild:\n"; }, "3:1 yaml-syntax"},
        {"two documents", [] { return "version: 2\n" + plain + "---\nversion: 2\n"; }, "3:1 several-documents"},
        {"a byte order mark", [] { return "\xEF\xBB\xBFversion: 2\n" + plain; }, "compiles"},
        {"CRLF",
         [] { return "version: 2\r\njobs:\r\n  build:\r\n    machine: true\r\n    steps:\r\n      - checkout\r\n"; },
         "compiles"},
        {"unused laughs", [] { return billion_laughs("lol", plain); }, "compiles"},
        {"laughs as steps", [] { return billion_laughs("checkout", "jobs: {build: {machine: true, steps: *l9}}\n"); },
         "10:9 nested-steps"},
        {"laughs as an environment",
         [] { return billion_laughs("A=b", "jobs: {build: {machine: true, environment: *l9, steps: [checkout]}}\n"); },
         "10:9 wrong-type"},
        {"laughs merged", [] { return billion_laughs("{a: b}", "jobs: {<<: *l9}\n"); }, "11:10 bad-merge"},
        {"a million steps by aliases", [] { return wide_aliases("echo"); }, "3:3 too-much-expansion"},
        {"a gigabyte of commands by aliases", [] { return wide_aliases(std::string(2000, 'x')); },
         "3:8 too-much-expansion"},
        {"a million merged keys", [] { return merge_flood(); }, "1104:5 too-much-expansion"},
        {"conditions 100 deep, in lines", [] { return nested_conditions("\n", 100); }, "compiles"},
        {"conditions 100 deep, in braces", [] { return nested_conditions("{}", 100); }, "compiles"},
        {"conditions 101 deep", [] { return nested_conditions("{}", 101); }, "4:1338 too-deep"},
        {"mistakes at the end of a long line",
         [] {
             return "version: 2\njobs: {build: {machine: true, steps: [" + repeat("checkout, ", 50'000) +
                    "chekcout]}}\n";
         },
         "2:500039 unknown-step"},
        {"a mistake behind accents on its line",
         [] {
             return "version: 2\njobs: {build: {machine: true, steps: [" + repeat("run: \xC3\xA9\xC3\xA9, ", 20) +
                    "chekcout]}}\n";
         },
         "2:219 unknown-step"},
        {"a chain of 2000 jobs", [] { return chain_of_jobs(2000); }, "compiles"},
    };
}

TEST(Hostile, every_text_is_answered) {
    for (const Row& row : rows()) {
        const std::string text = row.text();
        EXPECT_EQ(first_of(text), row.answer) << row.what;
    }
}

TEST(Hostile, no_text_takes_much_memory) {
    if (!test::can_measure_memory()) GTEST_SKIP() << "needs a build without sanitizers: they take memory of their own";
    for (const Row& row : rows()) EXPECT_LE(test::megabytes_to_compile(row.text()), 64) << row.what;
}

TEST(Hostile, limits_are_named) {
    const auto message = [](std::string_view text) { return compile_on(text, "main").diagnostics.at(0).message; };
    EXPECT_EQ(message(std::string(5U << 20U, ' ')), "the config has more than 2097152 bytes, the limit");
    EXPECT_EQ(message(std::string(300, '[')), "the config nests deeper than 256 levels, the limit");
    EXPECT_EQ(message(repeat("- a\n", 300'000)), "the config has more than 100000 values, the limit");
    EXPECT_EQ(message(merge_flood()), "the merge keys of the config copy more than 100000 entries, the limit");
    EXPECT_EQ(message(wide_aliases("x")),
              "the config expands to more than 16777216 bytes, the limit; each use of an alias, a command, an orb or a "
              "value counts");
}

TEST(Hostile, expressions_stop_at_a_number_of_steps) {
    std::string text = "version: 2\njobs: {a: {machine: true, steps: [checkout]}}\nworkflows:\n  w:\n    jobs:\n";
    for (int i = 0; i < 1000; ++i) {
        const std::string n = std::to_string(i);
        text.append("      - a: {name: n").append(n);
        text.append(", filters: {branches: {only: '/(([a-z]+)+)+[!?").append(n).append("]/'}}}\n");
    }
    const CompileResult result = compile_on(text, std::string(60, 'a'));
    ASSERT_FALSE(result.plan);
    EXPECT_EQ(result.diagnostics.at(0).code, Code::bad_pattern);
    EXPECT_EQ(result.diagnostics.at(0).range, (Range{6, 50, 6, 71}));
}

TEST(Hostile, any_cut_of_a_config_is_answered) {
    const std::string whole =
        "version: 2\nx: &x {a: 1}\njobs:\n  build:\n    docker: [{image: \"i\"}]\n    environment: {<<: *x}\n"
        "    steps:\n      - run: |\n          a\n      - save_cache: {key: '{{ epoch }}', paths: [p]}\n"
        "workflows: {w: {jobs: [build: {filters: {branches: {only: /a.*/}}}]}}\n";
    EXPECT_EQ(first_of(whole), "compiles");
    for (std::size_t cut = 0; cut < whole.size(); ++cut) {
        first_of(whole.substr(0, cut));
        first_of(whole.substr(cut));
        std::string changed = whole;
        for (const char c : {'{', ']', '&', '*', '\n', '"', '\xFF', ':'}) {
            changed[cut] = c;
            first_of(changed);
        }
    }
}

}  // namespace
}  // namespace gyre::config
