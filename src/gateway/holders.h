#pragma once

// Who holds which attempt: the agents' tokens (as SHA-256) and what they shall hear. In memory; rebuilt at start from
// the task queue, whose rows carry the token hashes. Thread-safe.

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/guarded.h"
#include "gateway/leases.h"
#include "model/event.h"
#include "model/records.h"

namespace gyre::gateway {

struct Holder {
    AttemptRef attempt;
    ProjectId project;
    WorkflowId workflow;
    std::string token_hash;
    Timestamp placed_at{};
    Leases::Instant limit_at = Leases::Instant::max();  // it must be over by then, whatever its agent says
    std::atomic<bool> heard = false;                    // a call with its token came since this server started
    std::atomic<bool> ending = false;                   // its agent has told its end: its job is over
    bool over = false;                                  // guarded by the table
    bool claimed = false;    // the claim is known to be stored; guarded by the gateway's turn of claims
    std::string assignment;  // what the claim is answered; likewise. Empty: an earlier server answered it
    std::mutex turn;         // one report of this attempt is merged at a time
    std::mutex words;        // guards the rest
    bool stop = false;
    std::string reason;
    std::vector<CacheEntry> found_caches;  // by restore_cache steps; forgotten by a server's restart
};
using HolderHandle = std::shared_ptr<Holder>;

class Holders {
public:
    explicit Holders(Duration lease) : table_(Table{Leases(lease), {}}) {}

    // False, and nothing done, when the attempt has a holder.
    bool add(HolderHandle holder, Leases::Instant now, Duration grace = Duration{0});
    // From now on the attempt's calls are refused, and it has no lease. Whoever gets the holder is the one who may say
    // that the attempt is lost, and ends with remove() or fence_again_later(); nobody else gets it meanwhile.
    HolderHandle fence(const AttemptId& attempt);
    void fence_again_later(const AttemptId& attempt, Leases::Instant now);  // when a lease has passed
    void remove(const AttemptId& attempt);

    HolderHandle find(const AttemptId& attempt);  // nothing, too, when it is over
    // One that is not over; asks with the table locked.
    HolderHandle find_if(const std::function<bool(const Holder&)>& is_wanted);
    std::vector<AttemptRef> attempts();                                     // those that are not over
    bool ask_to_stop(const AttemptId& attempt, const std::string& reason);  // false: nobody holds it
    void renew(const AttemptId& attempt, Leases::Instant now);
    void grant_all(Leases::Instant now, Duration grace);

    std::vector<HolderHandle> expired(Leases::Instant now);
    std::optional<Leases::Instant> next_expiry();

private:
    struct Table {
        Leases leases{Duration{0}};
        std::map<AttemptId, HolderHandle> by_attempt;
    };
    Guarded<Table> table_;
};

}  // namespace gyre::gateway
