// The simulation is tested itself: each planted fault is found, within 1,000 seeds.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/log.h"
#include "simulation/simulation.h"

namespace gyre::simulation {
namespace {

using testing::AnyOf;
using testing::Contains;

constexpr std::uint64_t most_seeds = 1'000;

// The rules by which the fault was found first.
std::vector<std::string> rules_that_find(Planted fault) {
    log::set_level(log::Level::error);
    for (std::uint64_t seed = 1; seed <= most_seeds; ++seed) {
        std::vector<std::string> rules;
        for (const auto& finding : simulate(seed, {.planted = fault}).findings) rules.push_back(finding.rule);
        if (!rules.empty()) return rules;
    }
    return {};
}

TEST(Planted, a_version_that_is_not_checked) {
    EXPECT_THAT(rules_that_find(Planted::version_unchecked),
                Contains(AnyOf("legal-move", "one-end", "attempts-grow", "state-is-history", "blocked-by-something")));
}
TEST(Planted, an_outbox_row_outside_of_the_transaction) {
    EXPECT_THAT(rules_that_find(Planted::outbox_apart), Contains("effect-carried-out"));
}
TEST(Planted, output_that_is_acknowledged_and_not_synced) {
    EXPECT_THAT(rules_that_find(Planted::output_unsynced), Contains(AnyOf("output-kept", "output-taken")));
}
TEST(Planted, a_retry_that_counts_twice) {
    EXPECT_THAT(rules_that_find(Planted::retry_counted_twice), Contains(AnyOf("state-is-history", "token-is-its-own")));
}
TEST(Planted, timers_that_a_restart_resets) {
    EXPECT_THAT(rules_that_find(Planted::timers_reset), Contains("state-is-history"));
}
TEST(Planted, an_offer_that_is_handed_out_twice) {
    EXPECT_THAT(rules_that_find(Planted::offer_handed_out_twice), Contains("one-agent-an-attempt"));
}
TEST(Planted, a_cancel_that_forgets_a_task) {
    EXPECT_THAT(rules_that_find(Planted::cancel_forgets_a_task), Contains("effect-carried-out"));
}
TEST(Planted, a_machine_that_is_given_more_than_it_has) {
    EXPECT_THAT(rules_that_find(Planted::beyond_capacity), Contains("within-capacity"));
}
TEST(Planted, a_trigger_that_is_accepted_and_not_stored) {
    EXPECT_THAT(rules_that_find(Planted::trigger_not_durable), Contains(AnyOf("trigger-kept", "push-found")));
}
TEST(Planted, a_task_that_dispatch_forgets) {
    EXPECT_THAT(rules_that_find(Planted::task_forgotten), Contains(AnyOf("no-idleness", "all-ends")));
}
TEST(Planted, a_bell_that_nobody_rings) {
    EXPECT_THAT(rules_that_find(Planted::bell_not_rung), Contains("no-idleness"));
}
TEST(Planted, a_change_without_its_event) {
    EXPECT_THAT(rules_that_find(Planted::event_not_logged), Contains(AnyOf("state-is-history", "event-counts")));
}
TEST(Planted, leases_that_never_end) { EXPECT_THAT(rules_that_find(Planted::leases_never_end), Contains("all-ends")); }
TEST(Planted, a_fencing_check_that_is_left_out) {
    // By whatever of an old agent comes first: its result, or its output among that of the attempt that lives.
    EXPECT_THAT(rules_that_find(Planted::fencing_left_out),
                Contains(AnyOf("result-is-the-agents", "result-kept", "output-taken", "output-grows")));
}
TEST(Planted, an_old_token_that_renews_a_lease) {
    EXPECT_THAT(rules_that_find(Planted::old_token_renews), Contains("old-token-refused"));
}
TEST(Planted, output_that_is_stored_at_any_offset) {
    EXPECT_THAT(rules_that_find(Planted::offset_unchecked), Contains("output-grows"));
}
TEST(Planted, a_claim_of_what_is_canceled) {
    EXPECT_THAT(rules_that_find(Planted::claimed_after_cancel), Contains("nothing-after-cancel"));
}
TEST(Planted, a_serial_group_that_is_not_given_back) {
    EXPECT_THAT(rules_that_find(Planted::hold_kept), Contains("all-ends"));
}
TEST(Planted, leases_that_go_by_the_wall_clock) {
    EXPECT_THAT(rules_that_find(Planted::steady_time_jumps),
                Contains(AnyOf("lost-for-a-reason", "all-ends", "result-is-the-agents")));
}
TEST(Planted, a_server_that_is_taken_over_while_its_agents_go_on) {
    EXPECT_THAT(rules_that_find(Planted::taken_over_early), Contains("one-acts"));
}
TEST(Planted, an_announcement_that_counts_twice) {
    EXPECT_THAT(rules_that_find(Planted::delivery_twice), Contains(AnyOf("push-once", "trigger-once")));
}
TEST(Planted, a_tick_that_fires_twice) { EXPECT_THAT(rules_that_find(Planted::tick_twice), Contains("tick-once")); }

}  // namespace
}  // namespace gyre::simulation
