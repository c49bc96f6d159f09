#pragma once

// Why a task waits for a machine, and what would end the wait: a closed variant, told to users as one sentence.

#include <boost/describe.hpp>

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "model/event.h"
#include "model/resource_class.h"

namespace gyre::placement {

struct NoMachine {  // no client is known, or all of them drain
    static constexpr std::string_view kind = "no_machine";
    bool operator==(const NoMachine&) const = default;
};
struct LargerThanAnyMachine {  // it would not fit even beside nothing
    static constexpr std::string_view kind = "larger_than_any_machine";
    Resources needed;
    Resources largest;
    std::string resource_class = {};  // as the config says; may be empty
    std::string nearest = {};         // the largest class that a machine offers; empty: none
    bool operator==(const LargerThanAnyMachine&) const = default;
};
struct NoCapacity {
    static constexpr std::string_view kind = "no_capacity";
    Resources needed;
    std::string client;                  // of those that could hold it, the one with the most room
    Resources free;                      // there; not below zero
    int running = 0;                     // tasks there
    bool held = false;                   // that client takes nothing else until this task fits
    std::string resource_class = {};     // as the config says; may be empty
    std::vector<std::string> jobs = {};  // of the tasks there, by name; the first few
    bool operator==(const NoCapacity&) const = default;
};
struct HeldForAnother {  // there is room, kept for a task that has waited longer
    static constexpr std::string_view kind = "held_for_another";
    std::string client;
    std::string job_name;  // of the task it is kept for
    bool operator==(const HeldForAnother&) const = default;
};
struct RetriedLater {  // the attempt before this one ended through infrastructure
    static constexpr std::string_view kind = "retried_later";
    int attempt = 2;
    Timestamp ready_at{};
    bool operator==(const RetriedLater&) const = default;
};
struct SerialGroupHeld {  // jobs of its serial group run one at a time, and another runs
    static constexpr std::string_view kind = "serial_group_held";
    std::string group;          // its name
    std::string held_by;        // "job 'deploy' of pipeline 12 of git/shop"
    std::string next_job = {};  // whose turn comes then; empty: this one's
    std::int64_t next_pipeline = 0;
    bool operator==(const SerialGroupHeld&) const = default;
};
struct BehindInSerialGroup {  // none runs, and another's turn is first
    static constexpr std::string_view kind = "behind_in_serial_group";
    std::string group;
    std::string job_name;
    std::int64_t pipeline_number = 0;
    bool operator==(const BehindInSerialGroup&) const = default;
};

struct LimitReached {  // it waits in the usage queue: whoever it belongs to runs as many tasks as it may
    static constexpr std::string_view kind = "limit_reached";
    std::string scope;  // "project" or "organization"
    std::string name;   // "gh/acme/shop", "gh/acme"
    int limit = 0;
    int running = 0;
    bool operator==(const LimitReached&) const = default;
};

using WaitReason = std::variant<NoMachine, LargerThanAnyMachine, NoCapacity, HeldForAnother, RetriedLater,
                                SerialGroupHeld, BehindInSerialGroup, LimitReached>;

struct Waiting {
    AttemptRef attempt;
    WaitReason reason;
    int ahead = 0;  // waiting tasks before it in the order; of those that wait for a limit or a serial group: before it
                    // for the same one
    bool operator==(const Waiting&) const = default;
};

BOOST_DESCRIBE_STRUCT(NoMachine, (), ())
BOOST_DESCRIBE_STRUCT(LargerThanAnyMachine, (), (needed, largest, resource_class, nearest))
BOOST_DESCRIBE_STRUCT(NoCapacity, (), (needed, client, free, running, held, resource_class, jobs))
BOOST_DESCRIBE_STRUCT(HeldForAnother, (), (client, job_name))
BOOST_DESCRIBE_STRUCT(RetriedLater, (), (attempt, ready_at))
BOOST_DESCRIBE_STRUCT(SerialGroupHeld, (), (group, held_by, next_job, next_pipeline))
BOOST_DESCRIBE_STRUCT(BehindInSerialGroup, (), (group, job_name, pipeline_number))
BOOST_DESCRIBE_STRUCT(LimitReached, (), (scope, name, limit, running))

// One sentence: "needs 2 CPUs and 4 GB; ...".
std::string explain(const WaitReason& reason);

// "1.5 CPUs and 512 MB"
std::string describe(const Resources& resources, bool tell_gpus = false);  // GPUs also where there are none

}  // namespace gyre::placement
