#pragma once

// Faults that the simulation plants between the product's parts, to show that it would find them: each is a mistake
// that a server of this kind can have.

#include "base/enum_names.h"

namespace gyre::simulation {

enum class Planted {
    version_unchecked,       // the store takes a workflow that somebody else has changed meanwhile
    outbox_apart,            // outbox rows are written after the transaction that they belong to
    output_unsynced,         // output is acknowledged before it is on the disk
    retry_counted_twice,     // one loss uses up two attempts
    timers_reset,            // a restart lets queued tasks wait anew
    offer_handed_out_twice,  // two agents get the same attempt
    cancel_forgets_a_task,   // one of several attempts is not told to stop
    beyond_capacity,         // dispatch overlooks something that runs
    trigger_not_durable,     // a trigger is accepted before it is on the disk
    task_forgotten,          // a queued task is not seen by dispatch
    bell_not_rung,           // nobody tells dispatch that a task became runnable
    event_not_logged,        // a change is stored without its event
    leases_never_end,        // each look at the leases renews them
    fencing_left_out,        // a report with an old attempt's token counts for the attempt that lives
    old_token_renews,        // a heartbeat with the token of an attempt that is over is answered like any other
    offset_unchecked,        // output is stored wherever its agent says that it begins
    claimed_after_cancel,    // a cancel and a claim at the same time: both are stored
    hold_kept,               // a serial group is not given back
    steady_time_jumps,       // leases go by the wall clock
    taken_over_early,        // a server is taken for gone while its agents go on
    delivery_twice,          // a hook's announcement that comes again counts again
    tick_twice,              // a tick of a schedule has no id of its own
};
constexpr EnumNames<Planted, 22> enum_names(Planted) {
    return {{{Planted::version_unchecked, "version-unchecked"},
             {Planted::outbox_apart, "outbox-apart"},
             {Planted::output_unsynced, "output-unsynced"},
             {Planted::retry_counted_twice, "retry-counted-twice"},
             {Planted::timers_reset, "timers-reset"},
             {Planted::offer_handed_out_twice, "offer-handed-out-twice"},
             {Planted::cancel_forgets_a_task, "cancel-forgets-a-task"},
             {Planted::beyond_capacity, "beyond-capacity"},
             {Planted::trigger_not_durable, "trigger-not-durable"},
             {Planted::task_forgotten, "task-forgotten"},
             {Planted::bell_not_rung, "bell-not-rung"},
             {Planted::event_not_logged, "event-not-logged"},
             {Planted::leases_never_end, "leases-never-end"},
             {Planted::fencing_left_out, "fencing-left-out"},
             {Planted::old_token_renews, "old-token-renews"},
             {Planted::offset_unchecked, "offset-unchecked"},
             {Planted::claimed_after_cancel, "claimed-after-cancel"},
             {Planted::hold_kept, "hold-kept"},
             {Planted::steady_time_jumps, "steady-time-jumps"},
             {Planted::taken_over_early, "taken-over-early"},
             {Planted::delivery_twice, "delivery-twice"},
             {Planted::tick_twice, "tick-twice"}}};
}

}  // namespace gyre::simulation
