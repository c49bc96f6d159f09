#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "adapters/memory/live.h"
#include "adapters/memory/manual_clock.h"
#include "adapters/memory/stores.h"
#include "base/digest.h"

namespace gyre::memory {
namespace {

using namespace std::chrono_literals;

Commit event(const std::string& id) { return {.event = {id}, .kind = "trigger"}; }

std::size_t events_in(MemoryStores& stores) { return stores.state().lock()->log.size(); }

TEST(Trouble, TheSecondCallFailsAndOnlyIt) {
    MemoryStores stores;
    stores.trouble().on("workflow_store.commit", 2, Mishap::fails);
    EXPECT_TRUE(stores.workflow_store().commit(event("a")).ok());
    EXPECT_EQ(stores.workflow_store().commit(event("b")).error().fault, Fault::unavailable);
    EXPECT_EQ(events_in(stores), 1U);
    EXPECT_TRUE(stores.workflow_store().commit(event("b")).ok());
    EXPECT_EQ(stores.trouble().calls("workflow_store.commit"), 3);
}

TEST(Trouble, AConflictChangesNothing) {
    MemoryStores stores;
    stores.trouble().on("workflow_store.commit", 1, Mishap::conflict);
    EXPECT_EQ(stores.workflow_store().commit(event("a")).error().fault, Fault::conflict);
    EXPECT_EQ(events_in(stores), 0U);
}

TEST(Trouble, ALostAnswerIsACommitThatTheCallerDoesNotKnowOf) {
    MemoryStores stores;
    stores.trouble().on("workflow_store.commit", 1, Mishap::lost_answer);
    EXPECT_EQ(stores.workflow_store().commit(event("a")).error().fault, Fault::unavailable);
    EXPECT_EQ(*stores.workflow_store().commit(event("a")), Committed::duplicate);
}

TEST(Trouble, ATornUploadStoresHalfAndCanBeResumed) {
    MemoryStores stores;
    const std::string bytes = "0123456789";
    const std::string name = sha256_hex(bytes);
    stores.trouble().on("blob_store.append", 1, Mishap::torn);
    EXPECT_FALSE(stores.blob_store().append(name, 0, 10, bytes).ok());
    EXPECT_EQ(*stores.blob_store().partial_length(name), 5);
    EXPECT_TRUE(stores.blob_store().append(name, 5, 10, bytes.substr(5)).ok());
    EXPECT_TRUE(*stores.blob_store().exists(name));
}

TEST(Trouble, LastsUntilCalm) {
    MemoryStores stores;
    stores.trouble().always("*", Mishap::fails);
    EXPECT_FALSE(stores.task_queue().live().ok());
    EXPECT_FALSE(stores.outbox().pending(1).ok());
    stores.trouble().calm();
    EXPECT_TRUE(stores.task_queue().live().ok());
}

TEST(Trouble, TheHookMayItselfUseTheStores) {
    MemoryStores stores;
    std::string seen;
    stores.trouble().before([&](std::string_view operation) {
        if (operation == "task_queue.live") {
            EXPECT_TRUE(stores.outbox().pending(1).ok());
        }
        seen += std::string(operation) + ";";
    });
    EXPECT_TRUE(stores.task_queue().live().ok());
    EXPECT_EQ(seen, "outbox.pending;task_queue.live;");
}

TEST(MemoryLive, ReachesSubscribersUntilTheyLeave) {
    MemoryLive live;
    std::vector<std::string> heard;
    auto first = live.subscribe([&](const News& news) { heard.push_back("first " + news.workflow); });
    auto second = live.subscribe([&](const News& news) { heard.push_back("second " + news.workflow); });
    live.publish({.workflow = "w1"});
    first.reset();
    live.publish({.workflow = "w2"});
    EXPECT_EQ(heard, (std::vector<std::string>{"first w1", "second w1", "second w2"}));
}

TEST(MemoryLive, ASubscriptionMayOutliveIt) {
    std::shared_ptr<void> subscription;
    {
        MemoryLive live;
        subscription = live.subscribe([](const News&) {});
    }
    subscription.reset();
}

TEST(ManualClock, MovesOnlyWhenTold) {
    ManualClock clock(from_millis(1'000));
    const auto steady = clock.steady();
    clock.advance(5s);
    EXPECT_EQ(clock.now(), from_millis(6'000));
    EXPECT_EQ(clock.steady() - steady, 5s);
    clock.set_wall(from_millis(0));
    EXPECT_EQ(clock.now(), from_millis(0));
    EXPECT_EQ(clock.steady() - steady, 5s);
}

}  // namespace
}  // namespace gyre::memory
