#include "placement/plan.h"

#include <gmock/gmock.h>

#include <algorithm>

namespace gyre::placement {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Timestamp second(int n) { return Timestamp{std::chrono::seconds(n)}; }

const Resources small{1000, 2048};
const Resources medium{2000, 4096};
const Resources large{4000, 8192};

struct Want {
    std::string name;
    Resources need = medium;
    std::string project = "p";
    int queued = 0;
    int attempt = 1;
    int position = 0;
};

WantedTask wanted(const Want& want) {
    return {{{want.name}, 0, want.attempt},
            want.name,
            {"w"},
            {want.project},
            want.need,
            second(want.queued),
            want.position};
}
RunningTask on(const std::string& client, const std::string& project = "p", Resources need = medium) {
    return {{{"running"}, 0, 1}, {project}, client, need};
}
ClientRoom client(const std::string& name, Resources total) { return {.name = name, .total = total, .clamp = false}; }

struct World {
    std::string story;
    std::vector<Want> wants;
    std::vector<RunningTask> running;
    std::vector<ClientRoom> clients;
    std::vector<std::string> places;  // "task@client", in the order of the plan
    std::vector<std::string> waits;
};

Placement plan(const World& world, int now = 100) {
    std::vector<WantedTask> tasks;
    for (const auto& want : world.wants) tasks.push_back(wanted(want));
    return place(tasks, world.running, world.clients, second(now));
}

std::vector<std::string> places(const Placement& placement) {
    std::vector<std::string> names;
    for (const auto& place : placement.places) names.push_back(place.attempt.job.text + "@" + place.client);
    return names;
}
std::vector<std::string> waits(const Placement& placement) {
    std::vector<std::string> names;
    for (const auto& waiting : placement.waiting) names.push_back(waiting.attempt.job.text);
    return names;
}

TEST(Place, tiny_worlds) {
    const auto one = client("one", large);
    const std::vector<World> worlds{
        {"nothing wanted", {}, {on("one")}, {one}, {}, {}},
        {"an empty machine takes two medium tasks", {{"a"}, {"b"}, {"c"}}, {}, {one}, {"a@one", "b@one"}, {"c"}},
        {"what runs takes room", {{"a"}, {"b"}}, {on("one")}, {one}, {"a@one"}, {"b"}},
        {"memory counts as well as CPUs", {{"a", {100, 8000}}, {"b", {100, 8000}}}, {}, {one}, {"a@one"}, {"b"}},
        {"a full machine takes nothing", {{"a"}}, {on("one"), on("one")}, {one}, {}, {"a"}},
        {"an overfull machine takes nothing", {{"a", small}}, {on("one"), on("one"), on("one")}, {one}, {}, {"a"}},
        {"a smaller task passes a larger one", {{"a", large}, {"b", small}}, {on("one")}, {one}, {"b@one"}, {"a"}},
        {"no machine at all", {{"a"}}, {}, {}, {}, {"a"}},
        {"a draining machine takes nothing", {{"a"}}, {}, {{"one", large, false, true}}, {}, {"a"}},
        {"what runs on a machine that left is in nobody's way", {{"a"}}, {on("gone")}, {one}, {"a@one"}, {}},
        {"the fullest machine that has room is filled up",
         {{"a"}},
         {on("two")},
         {client("one", large), client("two", large)},
         {"a@two"},
         {}},
        {"equal machines are taken by name", {{"a", large}}, {}, {client("b", large), client("a", large)}, {"a@a"}, {}},
        {"too large for every machine", {{"a", large}}, {}, {client("one", medium)}, {}, {"a"}},
    };
    for (const auto& world : worlds) {
        const auto placement = plan(world);
        EXPECT_EQ(places(placement), world.places) << world.story;
        EXPECT_EQ(waits(placement), world.waits) << world.story;
    }
}

TEST(Place, of_a_jobs_tasks_the_first_comes_last_but_before_other_jobs) {
    std::vector<WantedTask> tasks{wanted({.name = "b", .position = 2})};
    for (int index = 0; index < 3; ++index) {
        tasks.push_back(wanted({.name = "a", .position = 1}));
        tasks.back().attempt.task = index;
    }
    std::vector<std::string> order;
    for (const auto& place : place(tasks, {}, {client("one", {8000, 64'000})}, second(100)).places)
        order.push_back(place.attempt.job.text + std::to_string(place.attempt.task));
    EXPECT_EQ(order, (std::vector<std::string>{"a2", "a1", "a0", "b0"}));
}

// The numbers are those above the comparator in order.h.
TEST(Order, keeps_its_rules) {
    const auto two = client("one", large);
    const std::vector<World> worlds{
        {"1. a retried attempt goes first, though others waited longer and its project runs more",
         {{"new", medium, "q", 1}, {"again", medium, "p", 9, 2}},
         {on("x", "p")},
         {two},
         {"again@one", "new@one"},
         {}},
        {"2. the project that runs least is next",
         {{"p1", medium, "p", 1}, {"q1", medium, "q", 9}},
         {on("x", "p")},
         {two},
         {"q1@one", "p1@one"},
         {}},
        {"2. and what is placed in this round counts",
         {{"p1", medium, "p", 1}, {"p2", medium, "p", 2}, {"p3", medium, "p", 3}, {"q1", medium, "q", 4}},
         {},
         {two},
         {"p1@one", "q1@one"},
         {"p2", "p3"}},
        {"2. but a task that found no room does not count",
         {{"p1", {9000, 1}, "p", 1}, {"p2", medium, "p", 2}, {"q1", medium, "q", 3}},
         {},
         {two},
         {"p2@one", "q1@one"},
         {"p1"}},
        {"3. the longest wait",
         {{"late", medium, "p", 9}, {"early", medium, "p", 1}},
         {},
         {two},
         {"early@one", "late@one"},
         {}},
        {"4. the lower build number, then the id",
         {{"c", small, "p", 1, 1, 8}, {"b", small, "p", 1, 1, 7}, {"a", small, "p", 1, 1, 8}},
         {},
         {two},
         {"b@one", "a@one", "c@one"},
         {}},
    };
    for (auto world : worlds) {
        EXPECT_EQ(places(plan(world)), world.places) << world.story;
        EXPECT_EQ(waits(plan(world)), world.waits) << world.story;
        std::ranges::reverse(world.wants);
        EXPECT_EQ(places(plan(world)), world.places) << world.story << " (given in another order)";
    }
}

TEST(Clamp, a_task_larger_than_the_local_machine_runs_alone_on_it) {
    const ClientRoom laptop{.name = "local", .total = {2000, 6000}, .clamp = true};
    const World world{.wants = {{"a", large}, {"b", small}}, .clients = {laptop}};
    const auto placement = plan(world);
    EXPECT_THAT(places(placement), ElementsAre("a@local"));
    EXPECT_EQ(placement.places[0].granted, (Resources{2000, 6000}));
    EXPECT_EQ(waits(placement), std::vector<std::string>{"b"});
}

TEST(Clamp, counts_for_what_runs_already) {
    const ClientRoom laptop{.name = "local", .total = {2000, 20'000}, .clamp = true};
    EXPECT_THAT(waits(plan({.wants = {{"a", small}}, .running = {on("local", "p", large)}, .clients = {laptop}})),
                ElementsAre("a"));
}

TEST(Clamp, gives_no_fewer_gpus_than_were_asked_for) {
    const ClientRoom laptop{.name = "local", .total = {2000, 6000, 1}, .clamp = true};
    const Resources one{4000, 15'360, 1};
    const auto placement = plan({.wants = {{"a", one}}, .clients = {laptop}});
    ASSERT_THAT(places(placement), ElementsAre("a@local"));
    EXPECT_EQ(placement.places[0].granted, (Resources{2000, 6000, 1}));
    EXPECT_THAT(waits(plan({.wants = {{"a", {100, 100, 2}}}, .clients = {laptop}})), ElementsAre("a"));
    EXPECT_THAT(
        waits(
            plan({.wants = {{"a", {100, 100, 1}}}, .running = {on("local", "p", {100, 100, 1})}, .clients = {laptop}})),
        ElementsAre("a"));
}

WaitReason reason(const World& world, int now = 100) { return plan(world, now).waiting.at(0).reason; }

TEST(Reason, says_what_is_missing) {
    const auto one = client("one", large);
    EXPECT_EQ(reason({.wants = {{"a"}}}), WaitReason(NoMachine{}));
    EXPECT_EQ(reason({.wants = {{"a", {9000, 1}}}, .clients = {one}}),
              WaitReason(LargerThanAnyMachine{{9000, 1}, large, "", "large"}));
    EXPECT_EQ(reason({.wants = {{"a", {100, 100, 1}}}, .clients = {one}}),
              WaitReason(LargerThanAnyMachine{{100, 100, 1}, large, "", ""}));
    EXPECT_EQ(reason({.wants = {{"a", large}}, .running = {on("one")}, .clients = {one, client("two", medium)}}),
              WaitReason(NoCapacity{large, "one", medium, 1}));
    EXPECT_EQ(reason({.wants = {{"a"}}, .running = {on("one", "p", {9000, 9000})}, .clients = {one}}),
              WaitReason(NoCapacity{medium, "one", {0, 0}, 1}));
}

TEST(Reason, says_how_many_are_ahead) {
    const auto placement = plan({.wants = {{"a"}, {"b"}, {"c"}}, .clients = {client("one", medium)}});
    ASSERT_EQ(placement.waiting.size(), 2u);
    EXPECT_EQ(placement.waiting[0].ahead, 0);
    EXPECT_EQ(placement.waiting[1].ahead, 1);
}

TEST(Hold, a_large_task_that_waited_long_is_not_passed_any_more) {
    const World world{.wants = {{"big", large, "p", 0}, {"little", small, "p", 90}},
                      .running = {on("one")},
                      .clients = {client("one", large)}};
    EXPECT_THAT(places(plan(world, 300)), ElementsAre("little@one"));

    const auto held = plan(world, 301);
    EXPECT_THAT(held.places, IsEmpty());
    EXPECT_EQ(held.waiting[0].reason, WaitReason(NoCapacity{large, "one", medium, 1, true}));
    EXPECT_EQ(held.waiting[1].reason, WaitReason(HeldForAnother{"one", "big"}));
}

TEST(Hold, leaves_the_other_machines_to_everybody) {
    const World world{.wants = {{"big", large, "p", 0}, {"big2", large, "p", 1}, {"little", small, "p", 90}},
                      .running = {on("one"), on("two", "p", small)},
                      .clients = {client("one", large), client("two", large)}};
    EXPECT_THAT(places(plan(world, 500)), ElementsAre("little@one"));
}

TEST(Hold, is_not_for_what_can_never_run) {
    const World world{.wants = {{"huge", {99'000, 1}, "p", 0}, {"little", small, "p", 90}},
                      .clients = {client("one", large)}};
    EXPECT_THAT(places(plan(world, 500)), ElementsAre("little@one"));
}

}  // namespace
}  // namespace gyre::placement
