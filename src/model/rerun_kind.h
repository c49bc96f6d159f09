#pragma once

// What of a workflow that has ended runs again.

namespace gyre {

enum class RerunKind {
    from_start,   // every job
    from_failed,  // every job that did not succeed; the others are kept
    jobs,         // the chosen jobs, what depends on them, and what they require that did not succeed; other successes
                  // are kept, the rest is not_run
};

}  // namespace gyre
