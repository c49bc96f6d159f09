// Safety properties of place() over random worlds. A failing case prints the seed.

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <set>

#include "placement/plan.h"

namespace gyre::placement {
namespace {

int draw(int from, int to) { return *rc::gen::inRange(from, to + 1); }

Resources any_resources(int largest) { return {1000 * draw(0, largest), 1024 * draw(0, largest)}; }

struct World {
    std::vector<WantedTask> wanted;
    std::vector<RunningTask> running;
    std::vector<ClientRoom> clients;
    Timestamp now{std::chrono::seconds(1000)};

    Placement plan(Rules rules = {}) const { return place(wanted, running, clients, now, rules); }
};

World any_world() {
    World world;
    for (int i = draw(0, 4); i > 0; --i) {
        world.clients.push_back({"c" + std::to_string(i), any_resources(8), draw(0, 4) > 0, draw(0, 1) == 0});
    }
    for (int i = draw(0, 6); i > 0; --i) {
        world.running.push_back({{{"r" + std::to_string(i)}, 0, 1},
                                 {"p" + std::to_string(draw(0, 2))},
                                 "c" + std::to_string(draw(1, 5)),
                                 any_resources(4)});
    }
    for (int i = draw(0, 12); i > 0; --i) {
        world.wanted.push_back({{{"j" + std::to_string(i)}, draw(0, 2), draw(0, 3) ? 1 : 2},
                                "job",
                                {"w"},
                                {"p" + std::to_string(draw(0, 2))},
                                any_resources(9),
                                Timestamp{std::chrono::seconds(draw(0, 1000))},
                                draw(0, 3)});
    }
    return world;
}

const Rules never_hold{.hold_after = std::chrono::hours(24)};

const ClientRoom* client_named(const World& world, const std::string& name) {
    const auto found = std::ranges::find(world.clients, name, &ClientRoom::name);
    return found == world.clients.end() ? nullptr : &*found;
}

const WantedTask& task_of(const World& world, const AttemptRef& attempt) {
    return *std::ranges::find(world.wanted, attempt, &WantedTask::attempt);
}

Resources free_room(const World& world, const Placement& placement, const ClientRoom& client) {
    Resources free = client.total;
    for (const auto& task : world.running) {
        if (task.client == client.name) free = free - charge(task.need, client);
    }
    for (const auto& place : placement.places) {
        if (place.client == client.name) free = free - place.granted;
    }
    return free;
}

RC_GTEST_PROP(Place, answers_for_every_task_exactly_once, ()) {
    const auto world = any_world();
    const auto placement = world.plan();
    std::multiset<AttemptRef> asked;
    std::multiset<AttemptRef> answered;
    for (const auto& task : world.wanted) asked.insert(task.attempt);
    for (const auto& place : placement.places) answered.insert(place.attempt);
    for (const auto& waiting : placement.waiting) answered.insert(waiting.attempt);
    RC_ASSERT(asked == answered);
}

RC_GTEST_PROP(Place, never_overcommits_a_machine, ()) {
    const auto world = any_world();
    const auto placement = world.plan();
    for (const auto& place : placement.places) {
        const auto* client = client_named(world, place.client);
        RC_ASSERT((client && client->accepts));
        RC_ASSERT(place.granted == charge(task_of(world, place.attempt).need, *client));
        RC_ASSERT((Resources{0, 0}.fits_in(free_room(world, placement, *client))));
    }
}

RC_GTEST_PROP(Place, leaves_no_task_waiting_that_fits, ()) {
    const auto world = any_world();
    const auto placement = world.plan(never_hold);
    for (const auto& waiting : placement.waiting) {
        const auto need = task_of(world, waiting.attempt).need;
        for (const auto& client : world.clients) {
            RC_ASSERT((!client.accepts || !charge(need, client).fits_in(free_room(world, placement, client))));
        }
    }
}

RC_GTEST_PROP(Place, holds_at_most_one_machine_and_only_for_a_task_that_could_run_there, ()) {
    const auto world = any_world();
    const auto placement = world.plan();
    int holders = 0;
    for (const auto& waiting : placement.waiting) {
        const auto& task = task_of(world, waiting.attempt);
        if (const auto* reason = std::get_if<NoCapacity>(&waiting.reason); reason && reason->held) {
            ++holders;
            const auto* client = client_named(world, reason->client);
            RC_ASSERT(charge(task.need, *client).fits_in(client->total));
            RC_ASSERT(world.now - task.queued_at > Rules{}.hold_after);
        }
        if (std::holds_alternative<HeldForAnother>(waiting.reason)) RC_ASSERT(holders == 1);
    }
    RC_ASSERT((holders <= 1));
}

RC_GTEST_PROP(Place, gives_the_true_reason, ()) {
    const auto world = any_world();
    for (const auto& waiting : world.plan().waiting) {
        const auto need = task_of(world, waiting.attempt).need;
        const bool any = std::ranges::any_of(world.clients, &ClientRoom::accepts);
        const bool possible = std::ranges::any_of(
            world.clients, [&](auto& client) { return client.accepts && charge(need, client).fits_in(client.total); });
        RC_ASSERT(std::holds_alternative<NoMachine>(waiting.reason) == !any);
        RC_ASSERT((std::holds_alternative<LargerThanAnyMachine>(waiting.reason) == (any && !possible)));
        RC_ASSERT(!explain(waiting.reason).empty());
    }
}

RC_GTEST_PROP(Place, does_not_depend_on_the_order_of_the_lists, ()) {
    const auto world = any_world();
    auto other = world;
    std::ranges::reverse(other.wanted);
    std::ranges::reverse(other.running);
    std::ranges::reverse(other.clients);
    RC_ASSERT(world.plan() == other.plan());
}

RC_GTEST_PROP(Place, again_after_the_plan_was_carried_out_places_nothing, ()) {
    auto world = any_world();
    const auto first = world.plan(never_hold);
    for (const auto& place : first.places) {
        const auto task = task_of(world, place.attempt);
        world.running.push_back({place.attempt, task.project, place.client, task.need});
        std::erase_if(world.wanted, [&](auto& each) { return each.attempt == place.attempt; });
    }
    RC_ASSERT(world.plan(never_hold).places.empty());
}

}  // namespace
}  // namespace gyre::placement
