#pragma once

// When a write must be on the disk. Writes become durable in the order in which they were made, so that what only
// matters together with a later write need not make the disk work for itself.
//
// A database that is a server of its own may crash alone: whoever wrote lives on, and writes on. So there what later
// writes build on is durable at once, and only what may be done again for ever waits.

namespace gyre {

enum class Durable {
    now,            // before the call returns
    with_the_next,  // at the latest together with the caller's next write that is; what undoes it, ends the caller
    some_day,       // a crash of the machine or of the database may undo it, whatever is written later
};

}  // namespace gyre
