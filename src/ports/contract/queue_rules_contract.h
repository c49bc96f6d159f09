#pragma once

// The promises of ports/queue_rules.h, and what they do to the queue.

#include "ports/contract/examples.h"
#include "ports/queue_rules.h"
#include "ports/task_queue.h"

namespace gyre::contract {

template <typename World>
class QueueRulesContract : public StoresContract<World> {
protected:
    QueueRuleStore& rules() { return this->world_.stores.queue_rules(); }
    TaskQueue& queue() { return this->world_.stores.task_queue(); }
};
TYPED_TEST_SUITE_P(QueueRulesContract);

TYPED_TEST_P(QueueRulesContract, ARuleIsKeptAndReplaced) {
    EXPECT_EQ(*this->rules().rules(), QueueRules{});
    const auto shop = this->make_project("git/shop").id;
    EXPECT_TRUE(this->rules().set_project(shop, {.weight = 3, .priority = -2, .most_tasks = 0}).ok());
    EXPECT_EQ(this->rules().rules()->projects.at(shop),
              (ProjectRule{"git/shop", {.weight = 3, .priority = -2, .most_tasks = 0}}));
    EXPECT_TRUE(this->rules().set_project(shop, {}).ok());
    EXPECT_EQ(this->rules().rules()->projects.at(shop).rule, QueueRule{});
    EXPECT_TRUE(this->rules().rules()->organization_of.empty());
    expect_fault(this->rules().set_project({"unknown"}, {}), Fault::not_found);
}

TYPED_TEST_P(QueueRulesContract, AnOrganizationsLimitIsKeptAndLifted) {
    const auto shop = this->make_project("git/shop").id;
    EXPECT_TRUE(this->rules().set_organization("git", 7).ok());
    EXPECT_TRUE(this->rules().set_organization("git", 8).ok());
    EXPECT_EQ(this->rules().rules()->organizations, (std::map<std::string, int>{{"git", 8}}));
    EXPECT_EQ(this->rules().rules()->organization_of.at(shop), "git");
    EXPECT_TRUE(this->rules().set_organization("git", std::nullopt).ok());
    EXPECT_TRUE(this->rules().set_organization("git", std::nullopt).ok());
    EXPECT_EQ(*this->rules().rules(), QueueRules{});
}

TYPED_TEST_P(QueueRulesContract, WhatIsPromotedComesFirstAndSaysByWhom) {
    const auto pipeline = this->make_pipeline(this->make_project());
    this->make_workflow(pipeline, {"first"});
    const auto later = this->make_workflow(pipeline, {"later"});
    EXPECT_FALSE(this->queue().queued(1)->front().promoted_at);
    EXPECT_EQ(*this->rules().promote(later.jobs[0].id, "ann", at(50)), 2);
    const auto tasks = *this->queue().queued(4);
    ASSERT_EQ(tasks.size(), 4U);
    EXPECT_EQ(tasks[0].job_name, "later");
    EXPECT_EQ(tasks[1].promoted_by, "ann");
    EXPECT_EQ(tasks[1].promoted_at, at(50));
    EXPECT_EQ(tasks[2].job_name, "first");
    EXPECT_EQ(*this->rules().promote({"unknown"}, "ann", at(51)), 0);
}

TYPED_TEST_P(QueueRulesContract, TheQueueIsReadInPages) {
    const auto pipeline = this->make_pipeline(this->make_project(), "trunk");
    this->make_workflow(pipeline, {"a", "b"});
    const auto last = this->make_workflow(pipeline, {"c"});
    EXPECT_EQ(*this->rules().promote(last.jobs[0].id, "ann", at(50)), 2);
    std::vector<AttemptRef> seen;
    QueuePlace place;
    while (true) {
        const auto page = *this->queue().queued_after(place, 2);
        if (page.empty()) break;
        for (const auto& task : page) seen.push_back(task.next);
        EXPECT_EQ(page.back().branch, "trunk");
        place = place_of(page.back());
        ASSERT_LE(seen.size(), 6U);
    }
    std::vector<AttemptRef> whole;
    for (const auto& task : *this->queue().queued(100)) whole.push_back(task.next);
    EXPECT_EQ(seen, whole);
    EXPECT_EQ(seen.size(), 6U);
}

REGISTER_TYPED_TEST_SUITE_P(QueueRulesContract, ARuleIsKeptAndReplaced, AnOrganizationsLimitIsKeptAndLifted,
                            WhatIsPromotedComesFirstAndSaysByWhom, TheQueueIsReadInPages);

}  // namespace gyre::contract
