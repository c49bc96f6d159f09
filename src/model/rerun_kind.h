#pragma once

// What of a workflow that has ended runs again, and how.

#include <utility>
#include <vector>

#include "model/ids.h"

namespace gyre {

enum class RerunKind {
    from_start,   // every job
    from_failed,  // every job that did not succeed; the others are kept
    jobs,         // the chosen jobs, what depends on them, and what they require that did not succeed; other successes
                  // are kept, the rest is not_run
};

struct RerunWish {
    // A kind alone is a wish: NOLINTNEXTLINE(google-explicit-constructor)
    RerunWish(RerunKind what = RerunKind::from_start) : kind(what) {}
    // `with_ssh`: the chosen jobs shall wait for somebody to look into them; stored and shown so far.
    explicit RerunWish(std::vector<JobId> chosen, bool with_ssh = false)
        : kind(RerunKind::jobs), jobs(std::move(chosen)), ssh(with_ssh) {}

    RerunKind kind;
    std::vector<JobId> jobs;    // of the workflow; for kind `jobs` only
    bool ssh = false;           // likewise
    bool failed_tests = false;  // jobs that failed run only the tests that did, as far as their steps ask which
};

}  // namespace gyre
