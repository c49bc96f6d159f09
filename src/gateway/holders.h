#pragma once

// Who holds which attempt: the agents' tokens (as SHA-256) and what they shall hear. In memory; rebuilt at start from
// the task queue, whose rows carry the token hashes. Thread-safe.

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/guarded.h"
#include "gateway/leases.h"
#include "model/event.h"
#include "ports/task_queue.h"

namespace gyre::gateway {

struct Holder {
    AttemptRef attempt;
    ProjectId project;
    WorkflowId workflow;
    std::string token_hash;
    std::string client;        // of agents that claimed in this server's life; else empty
    std::int64_t process = 0;  // likewise
    std::string assignment;    // what the claim was answered, for a claim that comes again
    std::mutex turn;           // one report of this attempt is merged at a time
    std::mutex words;          // guards the next two
    bool stop = false;
    std::string reason;
};
using HolderHandle = std::shared_ptr<Holder>;

class Holders {
public:
    explicit Holders(Duration lease) : table_(Table{Leases(lease), {}}) {}

    void add(HolderHandle holder, Leases::Instant now, Duration grace = Duration{0});
    // Whoever takes it out is the one who may say that the attempt is over; nothing when it is not there (any more).
    HolderHandle remove(const AttemptId& attempt);
    void put_back(HolderHandle holder, Leases::Instant now);  // telling failed: look again when a lease has passed

    HolderHandle find(const AttemptId& attempt);
    void renew(const AttemptId& attempt, Leases::Instant now);
    std::string assignment_of(const std::string& client, std::int64_t process);  // empty when it holds none

    std::vector<HolderHandle> expired(Leases::Instant now);
    std::optional<Leases::Instant> next_expiry();

private:
    struct Table {
        Leases leases{Duration{0}};
        std::unordered_map<AttemptId, HolderHandle> by_attempt;
    };
    Guarded<Table> table_;
};

// The attempt that an id of the form "<job>-<task>-a<number>" names; nothing for another form.
std::optional<AttemptRef> parse_attempt_id(const std::string& text);

}  // namespace gyre::gateway
