#pragma once

// When a write must be on the disk. Writes become durable in the order in which they were made, so that what only
// matters together with a later write need not make the disk work for itself.

namespace gyre {

enum class Durable {
    now,            // before the call returns
    with_the_next,  // at the latest together with the next write that is; a crash of the machine may undo it until then
};

}  // namespace gyre
