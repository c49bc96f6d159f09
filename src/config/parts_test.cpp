// The small parts: durations, words, near names, patterns, graphs, tables.

#include <gtest/gtest.h>

#include "config/duration.h"
#include "config/graph.h"
#include "config/keys.h"
#include "config/nearest.h"
#include "config/pattern.h"
#include "config/step_keys.h"
#include "config/words.h"

namespace gyre::config {
namespace {

TEST(Duration, reads_decimals_with_units) {
    const struct {
        const char* text;
        std::int64_t milliseconds;
    } table[] = {{"10m", 600'000},     {"1.25h", 4'500'000}, {"90s", 90'000},        {"0.5s", 500},
                 {"1h30m", 5'400'000}, {"3600", 3'600'000},  {"720h", 2'592'000'000}};
    for (const auto& row : table) {
        ASSERT_TRUE(parse_duration(row.text)) << row.text;
        EXPECT_EQ(parse_duration(row.text)->milliseconds, row.milliseconds) << row.text;
    }
    EXPECT_FALSE(parse_duration("3600")->has_unit);
    for (const char* wrong :
         {"", "m", "10x", "10 m", "-1m", "0s", "1e3s", "inf", "infs", "nan", "721h", "1m30", "99999999999999999999h"}) {
        EXPECT_FALSE(parse_duration(wrong)) << wrong;
    }
}

TEST(Words, are_split_as_a_shell_would) {
    const auto words = [](const char* line) { return split_words(line).value(); };
    using List = std::vector<std::string>;
    EXPECT_EQ(words(""), List{});
    EXPECT_EQ(words("  a  b\tc\n"), (List{"a", "b", "c"}));
    EXPECT_EQ(words("'a b'c \"d 'e'\" ''"), (List{"a bc", "d 'e'", ""}));
    EXPECT_EQ(words("a\\ b \"\\\"\\\\\\n\" \\"), (List{"a b", "\"\\\\n", "\\"}));
    EXPECT_FALSE(split_words("a 'b").ok());
    EXPECT_FALSE(split_words("\"").ok());
}

TEST(Nearest, finds_what_was_probably_meant) {
    const std::vector<std::string> names{"checkout", "save_cache", "restore_cache", "run"};
    EXPECT_EQ(nearest("chekcout", names), "checkout");
    EXPECT_EQ(nearest("Save-Cache", names), "save_cache");
    EXPECT_EQ(nearest("rnu", names), "run");
    EXPECT_EQ(nearest("deploy", names), "");
    EXPECT_EQ(nearest("x", names), "");
    EXPECT_EQ(nearest("", names), "");
    EXPECT_EQ(nearest(std::string(100'000, 'a'), names), "");
    EXPECT_EQ(nearest("timeout", {"name", "no_output_timeout"}), "no_output_timeout");
    EXPECT_EQ(nearest("timeout", {"no_output_timeout", "timeout_of_the_job"}), "") << "which one?";
    EXPECT_EQ(nearest("bool", {"string", "boolean"}), "boolean");
    EXPECT_EQ(nearest("out", {"no_output_timeout", "way-out"}), "");
}

TEST(Pattern, matches_whole_names_within_its_budget) {
    const auto match = [](const char* pattern, const std::string& name, std::uint64_t budget = 1'000'000) {
        return Pattern::make(pattern).value().matches(name, budget);
    };
    EXPECT_EQ(match("/a+/", "aaa"), Match::yes);
    EXPECT_EQ(match("/a+/", "baaa"), Match::no);
    EXPECT_EQ(match("/a|ab/", "ab"), Match::yes);
    EXPECT_EQ(match("/", "/"), Match::yes);
    EXPECT_EQ(match("//", ""), Match::yes);
    EXPECT_EQ(match("a.c", "abc"), Match::no);
    EXPECT_EQ(match("/(a+)+[bc]/", std::string(100, 'a')), Match::too_expensive);
    EXPECT_EQ(match("/a/", "a", 10), Match::too_expensive);
    EXPECT_FALSE(Pattern::make("/[/").ok());
    EXPECT_FALSE(Pattern::make("/((a{1,1000}){1,1000}){1,1000}/").ok());
    EXPECT_FALSE(Pattern::make("/" + std::string(300, '(') + std::string(300, ')') + "/").ok());
}

TEST(Graph, finds_a_cycle_and_only_then) {
    EXPECT_EQ(find_cycle({{1}, {2}, {}}), (std::vector<std::size_t>{}));
    EXPECT_EQ(find_cycle({{1}, {2}, {1}}), (std::vector<std::size_t>{1, 2, 1}));
    EXPECT_EQ(find_cycle({{}, {1}}), (std::vector<std::size_t>{1, 1}));
    EXPECT_EQ(find_cycle({{1, 2}, {3}, {3}, {}}), (std::vector<std::size_t>{}));
}

// Every key that the step tables and the other tables name is described, and no table names a key twice.
void check_table(const MappingSpec& spec) {
    EXPECT_FALSE(spec.name.empty());
    for (const KeySpec& key : spec.keys) {
        EXPECT_EQ(spec.find(key.name), &key) << spec.name << " " << key.name;
        EXPECT_FALSE(describe(key.shapes).empty()) << spec.name << " " << key.name;
        const bool needs_advice = key.standing == Standing::ignored || key.standing == Standing::deprecated;
        EXPECT_EQ(needs_advice, !key.advice.empty()) << spec.name << " " << key.name;
    }
}

TEST(Keys, tables_are_whole) {
    for (const MappingSpec* spec : {&keys::top_level, &keys::job, &keys::docker_entry, &keys::docker_auth,
                                    &keys::machine, &keys::workflow, &keys::workflow_job, &keys::filters,
                                    &keys::ref_filter, &keys::trigger, &keys::schedule, &keys::schedule_filters}) {
        check_table(*spec);
    }
    for (const StepSpec& step : step_specs()) {
        check_table(step.attributes);
        EXPECT_EQ(find_step(step.attributes.name), &step);
    }
}

}  // namespace
}  // namespace gyre::config
