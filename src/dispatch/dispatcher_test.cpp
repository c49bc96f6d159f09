#include "dispatch/dispatcher.h"

#include <gtest/gtest.h>

#include <future>

#include "adapters/memory/manual_clock.h"
#include "adapters/memory/stores.h"

namespace gyre::dispatch {
namespace {

// A queue whose tasks become live when they are placed, as the conductor and the store make them.
class World final : public TaskQueue, public FrontDoor, public Offers, public Launcher {
public:
    Result<std::vector<QueuedTask>> queued_after(const QueuePlace& place, int limit) override {
        if (away) return unavailable("the database is away");
        std::vector<QueuedTask> behind = waiting_tasks;
        std::erase_if(behind, [&](const QueuedTask& task) { return place != QueuePlace{} && place_of(task) <= place; });
        if (std::ssize(behind) > limit) behind.resize(static_cast<std::size_t>(limit));
        return behind;
    }
    Result<std::vector<QueuedTask>> placeable_after(const QueuePlace& place, int limit) override {
        auto all = queued_after(place, static_cast<int>(waiting_tasks.size()));
        if (!all) return all;
        std::erase_if(*all, [&](const QueuedTask& task) { return to_millis(task.queued_at) < claimed_before; });
        if (std::ssize(*all) > limit) all->resize(static_cast<std::size_t>(limit));
        return all;
    }
    Result<std::vector<LiveAttempt>> live() override { return live_attempts; }
    Result<std::vector<AttemptRef>> claim(const std::vector<AttemptRef>& wanted) override {
        return claimed_by_others ? std::vector<AttemptRef>{} : wanted;
    }

    Result<void> handle(const Event& event) override {
        if (broken) return unavailable("the disk is full");
        if (const auto* finished = std::get_if<TaskFinished>(&event)) {
            ended.push_back(*finished);
            return {};
        }
        const auto& placed = std::get<TaskPlaced>(event);
        if (refuse) return conflict("somebody was faster");
        std::erase_if(waiting_tasks, [&](const QueuedTask& task) { return task.next == placed.attempt; });
        live_attempts.push_back({.attempt = placed.attempt, .state = AttemptState::placed, .client = placed.client});
        return {};
    }
    Result<PipelineId> trigger(const Trigger&) override { return PipelineId{}; }
    Result<void> continue_pipeline(const HandedOver&) override { return {}; }
    Result<void> cancel_workflow(const WorkflowId&, const std::string&) override { return {}; }
    Result<WorkflowId> rerun(const WorkflowId&, const RerunWish&, const std::string&) override { return WorkflowId{}; }

    void offer(const AttemptRef& attempt) override {
        if (std::find(offered.begin(), offered.end(), attempt) == offered.end()) offered.push_back(attempt);
    }
    void withdraw(const AttemptRef&) override {}
    int waiting() const override { return static_cast<int>(offered.size()); }

    Result<void> ensure_waiting(int wanted) override {
        agents = wanted;
        if (looked) looked->set_value();
        looked.reset();
        return {};
    }
    Result<void> keep_waiting(int wanted) override { return ensure_waiting(wanted); }
    void waits(std::int64_t) override {}
    bool took(std::int64_t, const std::string&) override { return true; }
    void on_death(std::function<void(const std::string&)>) override {}
    void kill(const std::string&) override {}

    void queue(const std::string& job, const std::string& resource_class = "") {
        waiting_tasks.push_back({.next = {{job}, 0, 1},
                                 .job_name = job,
                                 .resource_class = resource_class,
                                 .queued_at = from_millis(static_cast<std::int64_t>(waiting_tasks.size()))});
    }

    std::vector<QueuedTask> waiting_tasks;
    std::vector<LiveAttempt> live_attempts;
    std::vector<AttemptRef> offered;
    std::vector<TaskFinished> ended;
    int agents = 0;
    bool refuse = false;
    bool claimed_by_others = false;
    std::int64_t claimed_before = 0;  // by others: what was queued earlier
    bool away = false;
    bool broken = false;
    std::optional<std::promise<void>> looked;
};

class DispatcherTest : public testing::Test {
protected:
    World world;
    memory::ManualClock clock;
    Dispatcher dispatcher{
        {world, world, world, world, clock},
        {.client = "here", .offered = {4000, 8192}, .warm_agents = 1, .warm_after = std::chrono::hours{1}}};
};

TEST_F(DispatcherTest, starts_nothing_while_nothing_can_be_stored) {
    bool well = false;
    Dispatcher careful{{world, world, world, world, clock, nullptr,
                        [&] { return well ? Result<void>() : unavailable("the disk fails"); }},
                       {.client = "here", .offered = {4000, 8192}}};
    EXPECT_TRUE(careful.round().ok()) << "there is nothing to start";
    world.queue("build");
    const auto refused = careful.round();
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().message, "the disk fails");
    EXPECT_TRUE(world.live_attempts.empty());
    EXPECT_TRUE(careful.turn().has_value()) << "it looks again by itself";
    well = true;
    EXPECT_TRUE(careful.round().ok());
    EXPECT_EQ(world.offered.size(), 1U);
}

TEST_F(DispatcherTest, places_what_fits_and_says_why_the_rest_waits) {
    world.queue("first");
    world.queue("second");
    world.queue("third");
    ASSERT_TRUE(dispatcher.round().ok());
    ASSERT_EQ(world.offered.size(), 2U);
    EXPECT_EQ(world.offered[0].job.text, "first");
    EXPECT_EQ(dispatcher.why({"first"}), "");
    EXPECT_NE(dispatcher.why({"third"}).find("2 CPUs"), std::string::npos) << dispatcher.why({"third"});
}

TEST_F(DispatcherTest, places_the_first_task_of_a_job_last_for_its_deploy_steps_wait_for_the_others) {
    for (int task = 0; task < 3; ++task)
        world.waiting_tasks.push_back({.next = {{"test"}, task, 1}, .job_name = "test", .resource_class = "medium"});
    world.queue("later", "small");
    ASSERT_TRUE(dispatcher.round().ok());
    ASSERT_EQ(world.offered.size(), 2U);
    EXPECT_EQ(world.offered[0].task, 2);
    EXPECT_EQ(world.offered[1].task, 1);
}

TEST_F(DispatcherTest, a_second_round_places_nothing_twice) {
    world.queue("only");
    ASSERT_TRUE(dispatcher.round().ok());
    ASSERT_TRUE(dispatcher.round().ok());
    EXPECT_EQ(world.offered.size(), 1U);
    EXPECT_EQ(world.live_attempts.size(), 1U);
}

TEST_F(DispatcherTest, keeps_one_agent_ready_beyond_what_is_offered) {
    ASSERT_TRUE(dispatcher.round().ok());
    EXPECT_TRUE(dispatcher.keep_warm().ok());
    EXPECT_EQ(world.agents, 1);
    world.queue("one", "small");
    ASSERT_TRUE(dispatcher.round().ok());
    EXPECT_EQ(world.agents, 1) << "the one that is offered now, and no other beside it";
    EXPECT_TRUE(dispatcher.keep_warm().ok());
    EXPECT_EQ(world.agents, 2);
}

TEST_F(DispatcherTest, offers_only_what_was_made_durable) {
    world.queue("one");
    world.refuse = true;
    ASSERT_TRUE(dispatcher.round().ok());
    EXPECT_TRUE(world.offered.empty());
}

TEST_F(DispatcherTest, offers_again_what_nobody_claimed) {
    world.live_attempts = {{.attempt = {{"placed"}, 0, 1}, .state = AttemptState::placed, .client = "here"},
                           {.attempt = {{"running"}, 0, 1}, .state = AttemptState::running, .client = "here"}};
    ASSERT_TRUE(dispatcher.round().ok());
    ASSERT_EQ(world.offered.size(), 1U);
    EXPECT_EQ(world.offered[0].job.text, "placed");
}

TEST_F(DispatcherTest, ends_what_was_canceled_before_anybody_claimed_it) {
    world.live_attempts = {
        {.attempt = {{"canceled"}, 0, 1}, .state = AttemptState::placed, .client = "here", .stop_asked = true}};
    ASSERT_TRUE(dispatcher.round().ok());
    EXPECT_TRUE(world.offered.empty());
    ASSERT_EQ(world.ended.size(), 1U);
    EXPECT_TRUE(std::holds_alternative<Canceled>(world.ended[0].outcome));
}

// Seed 3070 of the simulation: nobody rang for a task whose placement was not stored.
TEST_F(DispatcherTest, looks_again_for_what_the_store_did_not_take) {
    world.queue("build", "small");
    world.broken = true;
    EXPECT_TRUE(dispatcher.turn().has_value());
    world.broken = false;
    dispatcher.turn();
    EXPECT_EQ(world.live_attempts.size(), 1U);
}

// Seed 4735 of the simulation: room was kept for a job whose serial group another server had taken meanwhile, and what
// could have had it waited until somebody rang.
TEST_F(DispatcherTest, looks_again_soon_when_another_server_was_faster) {
    world.queue("build", "small");
    world.refuse = true;
    EXPECT_LT(dispatcher.turn().value(), Duration{500});
    world.refuse = false;
    dispatcher.turn();
    EXPECT_EQ(world.live_attempts.size(), 1U);
}

TEST_F(DispatcherTest, looks_again_soon_for_what_another_server_has_claimed) {
    world.queue("build", "small");
    world.claimed_by_others = true;
    EXPECT_EQ(dispatcher.turn(), Duration{100});
    EXPECT_TRUE(world.live_attempts.empty());
    world.claimed_by_others = false;
    dispatcher.turn();
    EXPECT_EQ(world.live_attempts.size(), 1U);
}

TEST_F(DispatcherTest, looks_less_and_less_often_while_others_leave_it_nothing) {
    world.queue("one");
    world.claimed_by_others = true;
    std::vector<std::int64_t> waits;
    for (int round = 0; round < 9; ++round) waits.push_back(dispatcher.turn()->count());
    EXPECT_EQ(waits, (std::vector<std::int64_t>{100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000}));
    world.claimed_by_others = false;
    dispatcher.turn();
    world.live_attempts.clear();
    world.queue("two");
    world.claimed_by_others = true;
    EXPECT_EQ(dispatcher.turn(), Duration{100});
}

TEST_F(DispatcherTest, does_not_plan_what_others_have_claimed) {
    for (int i = 0; i < 2500; ++i) world.queue("job" + std::to_string(i));
    world.claimed_before = 2300;
    Dispatcher limited({world, world, world, world, clock, nullptr}, {.client = "here", .offered = {4000, 8192}});
    ASSERT_TRUE(limited.round().ok());
    EXPECT_EQ(world.offered.size(), 2U);
    EXPECT_EQ(world.offered.front().job.text, "job2300");
}

TEST_F(DispatcherTest, looks_again_for_an_end_that_the_store_did_not_take) {
    world.live_attempts.push_back(
        {.attempt = {{"build"}, 0, 1}, .state = AttemptState::placed, .client = "here", .stop_asked = true});
    world.broken = true;
    EXPECT_TRUE(dispatcher.turn().has_value());
    world.broken = false;
    dispatcher.turn();
    EXPECT_EQ(world.ended.size(), 1U);
}

TEST_F(DispatcherTest, the_bell_wakes_the_loop) {
    auto first = world.looked.emplace().get_future();
    dispatcher.start();
    first.wait();
    auto second = world.looked.emplace().get_future();
    dispatcher.ring();
    second.wait();
    dispatcher.stop();
}

TEST_F(DispatcherTest, wakes_by_itself_when_a_retry_is_ready) {
    world.queue("flaky");
    world.waiting_tasks[0].ready_at = clock.now() + Duration{5'000};
    EXPECT_EQ(dispatcher.turn(), Duration{5'000});
    EXPECT_TRUE(world.offered.empty());
    clock.advance(Duration{5'000});
    dispatcher.turn();
    EXPECT_EQ(world.offered.size(), 1U);
}

TEST_F(DispatcherTest, places_one_job_of_a_serial_group_at_a_time) {
    for (const char* job : {"first", "second"}) {
        world.queue(job, "small");
        world.waiting_tasks.back().serial_group = "git:deploy";
        world.waiting_tasks.back().holder = job;
    }
    ASSERT_TRUE(dispatcher.round().ok());
    EXPECT_EQ(world.offered.size(), 1U);
    EXPECT_NE(dispatcher.why({"second"}).find("serial group 'deploy'"), std::string::npos);
}

TEST_F(DispatcherTest, says_where_a_task_stands_and_why) {
    for (const char* job : {"first", "second", "third", "fourth"}) world.queue(job);
    ASSERT_TRUE(dispatcher.round().ok());
    const auto wait = dispatcher.wait_of({{"fourth"}, 0, 1});
    ASSERT_TRUE(wait);
    EXPECT_EQ(wait->position, 2);
    EXPECT_EQ(wait->ahead, 1);
    EXPECT_NE(wait->reason.find("1 waiting task is before it"), std::string::npos) << wait->reason;
    EXPECT_NE(json::serialize(wait->facts).find("no_capacity"), std::string::npos) << wait->facts;
    EXPECT_EQ(dispatcher.counts().run, 2);
    EXPECT_FALSE(dispatcher.wait_of({{"first"}, 0, 1}));
    EXPECT_FALSE(dispatcher.wait_of({{"fourth"}, 1, 1}));
}

TEST_F(DispatcherTest, that_never_runs_says_so_to_who_asks) {
    const Dispatcher idle({world, world, world, world, clock}, {.client = "here", .runs = false});
    world.queue("first");
    EXPECT_NE(idle.why({"first"}).find("runs without its dispatcher"), std::string::npos);
    const auto wait = idle.wait_of({{"first"}, 0, 1});
    ASSERT_TRUE(wait);
    EXPECT_EQ(wait->position, 0);
    EXPECT_FALSE(wait->ahead.has_value()) << "not known is not 0";
    EXPECT_NE(wait->reason.find("runs without its dispatcher"), std::string::npos);
}

TEST_F(DispatcherTest, keeps_to_the_stored_limits) {
    memory::MemoryStores stores;
    ASSERT_TRUE(stores.project_store().add({.id = {"shop"}, .slug = "gh/acme/shop"}).ok());
    ASSERT_TRUE(stores.queue_rules().set_organization("gh/acme", 1).ok());
    Dispatcher limited({world, world, world, world, clock, &stores.queue_rules()},
                       {.client = "here", .offered = {4000, 8192}});
    for (const char* job : {"first", "second"}) world.queue(job), world.waiting_tasks.back().project = {"shop"};
    ASSERT_TRUE(limited.round().ok());
    EXPECT_EQ(world.offered.size(), 1U);
    EXPECT_TRUE(limited.wait_of({{"second"}, 0, 1})->over_limit);
    EXPECT_EQ(limited.counts().usage, 1);
    EXPECT_NE(limited.why({"second"}).find("organization gh/acme may have 1 running task"), std::string::npos);
}

TEST_F(DispatcherTest, thousands_that_wait_for_a_limit_do_not_hide_what_could_run) {
    memory::MemoryStores stores;
    for (const char* name : {"shop", "till"})
        ASSERT_TRUE(stores.project_store().add({.id = {name}, .slug = "gh/acme/" + std::string(name)}).ok());
    ASSERT_TRUE(stores.queue_rules().set_project({"shop"}, {.most_tasks = 1}).ok());
    Dispatcher limited({world, world, world, world, clock, &stores.queue_rules()},
                       {.client = "here", .offered = {4000, 8192}});
    for (int i = 0; i < 5000; ++i)
        world.queue(std::to_string(i), "small"), world.waiting_tasks.back().project = {"shop"};
    world.queue("other", "small"), world.waiting_tasks.back().project = {"till"};
    ASSERT_TRUE(limited.round().ok());
    ASSERT_EQ(world.offered.size(), 2U);
    EXPECT_EQ(world.offered[1].job.text, "other");
    EXPECT_EQ(limited.counts().usage, 4999);
}

TEST_F(DispatcherTest, places_nothing_while_the_limits_cannot_be_read) {
    memory::MemoryStores stores;
    stores.trouble().on("queue_rules.rules", 1, memory::Mishap::fails);
    Dispatcher limited({world, world, world, world, clock, &stores.queue_rules()},
                       {.client = "here", .offered = {4000, 8192}});
    world.queue("first");
    EXPECT_FALSE(limited.round().ok());
    EXPECT_TRUE(world.offered.empty());
    EXPECT_TRUE(limited.round().ok());
    EXPECT_EQ(world.offered.size(), 1U);
}

TEST_F(DispatcherTest, trouble_with_the_database_is_an_error_and_not_an_end) {
    world.away = true;
    EXPECT_EQ(dispatcher.round().error().fault, Fault::unavailable);
    world.away = false;
    EXPECT_TRUE(dispatcher.round().ok());
}

}  // namespace
}  // namespace gyre::dispatch
