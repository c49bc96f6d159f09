// Who gets how much: weights, priorities, ageing, promotion.

#include <gmock/gmock.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "placement/plan.h"

namespace gyre::placement {
namespace {

using ::testing::ElementsAre;

int draw(int from, int to) { return *rc::gen::inRange(from, to + 1); }

// One machine with room for so many equal tasks, on which time passes: tasks are placed, and end.
class Town {
public:
    explicit Town(int slots) : slots_(slots) {}

    void rule(const std::string& project, QueueRule rule) {
        rules.queue.projects[{project}] = {"git/" + project, rule};
    }
    WantedTask& wants(const std::string& project, int count = 1) {
        for (int i = 0; i < count; ++i) {
            const auto number = ++made_;
            wanted.push_back({.attempt = {{project + std::to_string(number)}, 0, 1},
                              .project = {project},
                              .need = {1000, 1024},
                              .queued_at = now,
                              .position = number});
        }
        return wanted.back();
    }
    // Places what has room; answers the jobs in the order.
    std::vector<std::string> round() {
        const auto plan = place(wanted, running, {{"here", {1000 * slots_, 1024 * slots_}, true, false}}, now, rules);
        std::vector<std::string> names;
        for (const auto& one : plan.places) {
            const auto task = std::ranges::find(wanted, one.attempt, &WantedTask::attempt);
            names.push_back(one.attempt.job.text);
            running.push_back({task->attempt, task->project, "here", task->need});
            rules.served[task->project] = now;
            wanted.erase(task);
        }
        return names;
    }
    void one_ends(std::size_t index = 0) {
        if (!running.empty()) running.erase(running.begin() + static_cast<std::ptrdiff_t>(index % running.size()));
    }
    int count(const std::string& project) const {
        return static_cast<int>(std::ranges::count(running, ProjectId{project}, &RunningTask::project));
    }

    std::vector<WantedTask> wanted;
    std::vector<RunningTask> running;
    Rules rules;
    Timestamp now{std::chrono::hours(1000)};

private:
    int slots_;
    int made_ = 0;
};

TEST(Shares, a_project_of_three_times_the_weight_gets_three_times_as_much) {
    Town town(8);
    town.rule("a", {.weight = 3});
    town.wants("a", 20), town.wants("b", 20);
    town.round();
    EXPECT_EQ(town.count("a"), 6);
    EXPECT_EQ(town.count("b"), 2);
}

TEST(Shares, the_higher_priority_goes_first_whatever_the_shares) {
    Town town(3);
    town.rule("urgent", {.priority = 5});
    town.rule("idle", {.priority = -5});
    town.wants("idle"), town.wants("usual"), town.wants("urgent", 2);
    EXPECT_THAT(town.round(), ElementsAre("urgent3", "urgent4", "usual2"));
}

TEST(Shares, what_is_promoted_goes_before_everything_the_earlier_promotion_first) {
    Town town(3);
    town.rule("urgent", {.priority = 5});
    town.wants("urgent", 2);
    town.wants("a", 3);
    town.wanted[4].promoted_at = town.now;
    town.wanted[3].promoted_at = town.now + Duration{1};
    EXPECT_THAT(town.round(), ElementsAre("a5", "a4", "urgent1"));
}

TEST(Shares, who_starves_gets_one_task_and_waits_for_its_turn_again) {
    Town town(1);
    town.rule("urgent", {.priority = 5});
    town.wants("poor", 2);
    town.now += std::chrono::minutes(11);
    town.wants("urgent", 3);
    EXPECT_THAT(town.round(), ElementsAre("poor1"));
    town.one_ends();
    town.now += std::chrono::minutes(1);
    EXPECT_THAT(town.round(), ElementsAre("urgent3"));
    town.one_ends();
    town.now += std::chrono::minutes(11);
    town.wants("urgent", 3);
    EXPECT_THAT(town.round(), ElementsAre("poor2"));
}

// Of two projects that both still want more, none got its last task while the other had less for its weight.
RC_GTEST_PROP(Shares, weights_are_respected_within_one_task, ()) {
    Town town(draw(1, 30));
    std::vector<std::pair<std::string, int>> weights;
    for (int i = draw(1, 5); i > 0; --i) {
        weights.emplace_back("p" + std::to_string(i) + "-", draw(1, 7));
        town.rule(weights.back().first, {.weight = weights.back().second});
        town.wants(weights.back().first, 40);
    }
    town.round();
    for (const auto& [more, more_weight] : weights) {
        for (const auto& [less, less_weight] : weights)
            RC_ASSERT((town.count(more) - 1) * less_weight <= town.count(less) * more_weight);
    }
}

// Greedy projects of higher priority keep the machine full for ever; each task is placed all the same.
RC_GTEST_PROP(Shares, every_task_is_placed_after_bounded_rounds, ()) {
    Town town(draw(1, 3));
    const int greedy = draw(1, 3);
    for (int i = 0; i < greedy; ++i) town.rule("g" + std::to_string(i) + "-", {.weight = 7, .priority = draw(0, 9)});
    town.rule("poor", {.weight = 1, .priority = -9});
    const int poor = draw(1, 4);
    town.wants("poor", poor);
    // Each minute a task ends and the greedy want more. Starved ones come at the latest after those that starve, too.
    const int rounds = 15 * poor * (greedy + 2);
    for (int i = 0; i < rounds; ++i) {
        for (int each = 0; each < greedy; ++each) town.wants("g" + std::to_string(each) + "-", 1);
        town.round();
        town.one_ends(static_cast<std::size_t>(draw(0, 2)));
        town.now += std::chrono::minutes(1);
    }
    RC_ASSERT(std::ranges::count(town.wanted, ProjectId{"poor"}, &WantedTask::project) == 0);
}

}  // namespace
}  // namespace gyre::placement
