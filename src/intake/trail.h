#pragma once

// What a piece of news about a ref means, given what is known of the ref. Pure.
//
// The pushes of a ref make a chain: each begins where the one before ended. News may come twice (a hook that calls
// again), out of turn (two hooks at once), from two sides (a hook, and a look at the remote) or never. An announcement
// with a delivery id that was not seen is a push of its own, whatever its revisions: a ref may go A, B, A, B.

#include <optional>

#include "ports/push_store.h"

namespace gyre::intake {

struct Decision {
    std::optional<StoredPush> known;   // the news is of this push, which is stored already
    std::optional<PushChange> change;  // what to store; its push without a number is the new one
    bool out_of_turn = false;          // the ref was elsewhere than the push says: something is still to come, or lost
};

// A hook's word. `news` is announced and has no number.
Decision decide_announced(const RefTrail& trail, StoredPush news, std::int64_t newest);

// A look at the remote found the ref at `found.after`, elsewhere than trail.revision. `found` is not announced.
Decision decide_found(const RefTrail& trail, StoredPush found, std::int64_t newest);

}  // namespace gyre::intake
