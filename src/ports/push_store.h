#pragma once

// What intake knows of the refs of a project's remote: where each stands, and every push that moved it. A push is
// stored before its pipeline is made and closed after it, so that none is lost or made twice whenever the server dies.
// Thread-safe. commit() may become durable with the next write (ports/durable.h), at the latest with the pipeline's:
// what a crash of the machine undoes of it, a look at the remote finds again. close() is durable some day: a push that
// is open again has its pipeline by the trigger's id.

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "model/ids.h"

namespace gyre {

struct StoredPush {
    ProjectId project;
    std::int64_t number = 0;  // of the project's pushes, from 1; 0: not stored yet
    std::string ref;          // "refs/heads/main"
    std::string before;       // revisions; empty: the ref did not exist
    std::string after;        // empty: the ref was deleted
    std::string actor;
    bool announced = false;  // by a hook; otherwise found by a look at the remote
    std::string delivery;    // the announcement's own id, where it has one
    bool counted = false;    // the ref was seen to move by it; otherwise it came out of turn
    bool open = true;        // its pipeline is still to be made
    PipelineId pipeline;     // empty: it made none, for the reason in `note`
    std::string note;
    Timestamp received_at{};
    bool operator==(const StoredPush&) const = default;
};

inline constexpr std::size_t most_recent_pushes = 20;
inline constexpr std::size_t most_uncounted_pushes = 100;

// One ref with the pushes that matter for the next one.
struct RefTrail {
    std::string revision;                 // where it was last seen; empty: nowhere
    std::vector<StoredPush> recent;       // counted, newest first: the newest most_recent_pushes
    std::optional<StoredPush> delivered;  // the one with the delivery id that was asked for
    std::vector<StoredPush> uncounted;    // oldest first: the newest most_uncounted_pushes
    const StoredPush* last() const { return recent.empty() ? nullptr : &recent.front(); }
};

struct PushChange {
    ProjectId project;
    std::string ref;
    std::string revision;            // where the ref stands now
    std::int64_t newest = 0;         // what newest() was when this was decided
    std::vector<StoredPush> pushes;  // with a number: replaced; without (at most one): gets newest + 1
};

class PushStore {
public:
    virtual ~PushStore() = default;
    // The number of the project's newest push; 0 when there is none.
    virtual Result<std::int64_t> newest(const ProjectId& project) = 0;
    // Where the refs stand as far as seen; nothing when the project was never looked at.
    virtual Result<std::optional<std::map<std::string, std::string>>> seen_refs(const ProjectId& project) = 0;
    // The first look: where the refs stand, all at once. Their history makes no pushes.
    virtual Result<void> remember_refs(const ProjectId& project, const std::map<std::string, std::string>& refs) = 0;
    virtual Result<RefTrail> trail(const ProjectId& project, const std::string& ref, const std::string& delivery) = 0;
    // In one transaction; answers whether it was done: not when there are newer pushes than `newest` (decide again).
    virtual Result<bool> commit(const PushChange& change) = 0;
    virtual Result<std::vector<StoredPush>> open(const ProjectId& project) = 0;  // by number; at most 1000
    virtual Result<void> close(const ProjectId& project, std::int64_t number, const PipelineId& pipeline,
                               const std::string& note) = 0;
};

}  // namespace gyre
