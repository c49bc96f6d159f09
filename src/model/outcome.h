#pragma once

// How an attempt at a task ended: a closed variant. The first four are the job's own result and are never retried by
// the system; InfrastructureFailed is our failure and is retried (limit: workflow/retry.h).

#include <boost/describe.hpp>

#include <string>
#include <string_view>
#include <variant>

namespace gyre {

struct Succeeded {
    static constexpr std::string_view kind = "succeeded";
    bool halted = false;  // ended early by `circleci-agent step halt`
    bool operator==(const Succeeded&) const = default;
};
struct Failed {
    static constexpr std::string_view kind = "failed";
    std::string reason;  // for people: "step 'npm test' exited with code 1"
    bool operator==(const Failed&) const = default;
};
struct TimedOut {
    static constexpr std::string_view kind = "timed_out";
    std::string reason;  // which limit, and its length
    bool operator==(const TimedOut&) const = default;
};
struct Canceled {
    static constexpr std::string_view kind = "canceled";
    bool operator==(const Canceled&) const = default;
};
struct InfrastructureFailed {
    static constexpr std::string_view kind = "infrastructure_failed";
    std::string reason;
    bool retryable = true;  // false: trying again cannot help ("no Docker engine on this machine: install docker.io")
    bool counts = true;     // towards the limit of retries; false: an administrator ended it (a restore)
    bool operator==(const InfrastructureFailed&) const = default;
};

using Outcome = std::variant<Succeeded, Failed, TimedOut, Canceled, InfrastructureFailed>;

BOOST_DESCRIBE_STRUCT(Succeeded, (), (halted))
BOOST_DESCRIBE_STRUCT(Failed, (), (reason))
BOOST_DESCRIBE_STRUCT(TimedOut, (), (reason))
BOOST_DESCRIBE_STRUCT(Canceled, (), ())
BOOST_DESCRIBE_STRUCT(InfrastructureFailed, (), (reason, retryable, counts))

}  // namespace gyre
