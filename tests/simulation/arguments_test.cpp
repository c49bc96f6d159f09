#include "simulation/arguments.h"

#include <gtest/gtest.h>

#include <sstream>

namespace gyre::simulation {
namespace {

std::vector<std::string> words(const std::string& line) {
    std::istringstream in(line);
    std::vector<std::string> all;
    for (std::string word; in >> word;) all.push_back(word);
    return all;
}

TEST(Arguments, that_run_nothing_or_something_else_are_refused) {
    for (const char* line : {"--seeds 0",
                             "--seeds -1",
                             "--seeds 99999999999999999999999",
                             "--seeds ten",
                             "--seeds",
                             "--seeds 1.5",
                             "--seed -1",
                             "--seed 99999999999999999999999",
                             "--seed 18446744073709551615",
                             "--seed 0x",
                             "--seed",
                             "--from -1",
                             "--from 18446744073709551615 --seeds 2",
                             "--from 99999999999999999999999",
                             "--most-failures 0",
                             "--most-failures -3",
                             "--most-failures 99999999999",
                             "--seed 1 --seeds 5",
                             "--seed 1 --from 2",
                             "--planted nonsense",
                             "--planted",
                             "--trace=maybe",
                             "4711",
                             "--unknown"}) {
        const auto wanted = read_arguments(words(line));
        ASSERT_FALSE(wanted.ok()) << line;
        EXPECT_EQ(wanted.error().fault, Fault::invalid) << line;
    }
}

TEST(Arguments, say_which_seeds_are_run) {
    const auto range_of = [](const std::string& line) {
        const auto wanted = read_arguments(words(line)).value().value();
        return std::to_string(wanted.first) + " " + std::to_string(wanted.count);
    };
    EXPECT_EQ(range_of(""), "1 100");
    EXPECT_EQ(range_of("--seeds 7"), "1 7");
    EXPECT_EQ(range_of("--from 7 --seeds 3"), "7 3");
    EXPECT_EQ(range_of("--seed 0"), "0 1");
    EXPECT_EQ(range_of("--from 1000000000000000000 --seeds 1000000000000000000"),
              "1000000000000000000 1000000000000000000");
}

TEST(Arguments, of_a_run_are_in_the_line_that_repeats_a_seed_of_it) {
    const auto line_of = [](const std::string& line) { return again(read_arguments(words(line)).value().value(), 11); };
    EXPECT_EQ(line_of("--seeds 1000"), "make simulate SEED=11");
    const std::string planted = line_of("--planted bell-not-rung --seeds 1000 --most-failures 1");
    EXPECT_EQ(planted, "gyre_simulate --planted bell-not-rung --seed 11 --trace");
    const auto repeated = read_arguments(words(planted.substr(planted.find("--")))).value().value();
    EXPECT_EQ(repeated.planted, Planted::bell_not_rung);
    EXPECT_EQ(repeated.first, 11);
    EXPECT_EQ(repeated.count, 1);
}

}  // namespace
}  // namespace gyre::simulation
