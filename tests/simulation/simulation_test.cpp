// Seeds of the simulation that every test run goes through, and that a seed gives the same run each time. `make
// simulate` runs more of them.

#include "simulation/simulation.h"

#include <gtest/gtest.h>

#include "base/log.h"

namespace gyre::simulation {
namespace {

class Seeds : public testing::TestWithParam<int> {
protected:
    static constexpr int at_once = 50;
    void SetUp() override { log::set_level(log::Level::error); }
};

TEST_P(Seeds, all_is_well) {
    for (int i = 0; i < at_once; ++i) {
        const auto seed = static_cast<std::uint64_t>(GetParam() * at_once + i + 1);
        const auto report = simulate(seed);
        EXPECT_TRUE(report.findings.empty()) << "make simulate SEED=" << seed << "\n" << text_of(report.findings);
    }
}

INSTANTIATE_TEST_SUITE_P(Simulation, Seeds, testing::Range(0, 10));

TEST(Simulation, a_seed_gives_the_same_run) {
    log::set_level(log::Level::error);
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        const auto once = simulate(seed, {.tracing = Tracing::fold});
        const auto again = simulate(seed, {.tracing = Tracing::fold});
        EXPECT_EQ(once.trace, again.trace) << "seed " << seed;
        EXPECT_EQ(once.happenings, again.happenings) << "seed " << seed;
        EXPECT_NE(once.trace, simulate(seed + 1, {.tracing = Tracing::fold}).trace) << "seed " << seed;
    }
}

TEST(Simulation, something_happens_in_it) {
    log::set_level(log::Level::error);
    int attempts = 0;
    int workflows = 0;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        const auto report = simulate(seed);
        attempts += report.attempts;
        workflows += report.workflows;
    }
    EXPECT_GT(workflows, 40);
    EXPECT_GT(attempts, 100);
}

}  // namespace
}  // namespace gyre::simulation
