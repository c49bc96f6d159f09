#pragma once

// A working copy as a commit, uncommitted changes and new files included (ignored ones not), without touching the
// working copy's own repository: objects go to a bare repository of ours that borrows the others from it.

#include <string>

#include "base/result.h"

namespace gyre::apps {

struct Snapshot {
    std::string root;        // of the working copy
    std::string repository;  // bare; `branch` in it is the snapshot
    std::string branch;      // as checked out; "detached" when no branch is
    std::string revision;
    bool has_changes = false;  // the working copy differs from its last commit
};

// The root of the working copy around `directory`. Error: not_found, saying what to do.
Result<std::string> working_copy_root(const std::string& directory);

// `repository` is made or brought up to date.
Result<Snapshot> take_snapshot(const std::string& root, const std::string& repository);

}  // namespace gyre::apps
