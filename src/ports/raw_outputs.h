#pragma once

// Outputs as they come from agents, on this server's disk, until they are sealed (ports/sealed_outputs.h). Thread-safe.

#include <functional>

#include "ports/output_store.h"

namespace gyre {

class RawOutputs : public OutputStore {
public:
    // All that are there, those of an attempt one after another; some of those that come or go meanwhile. No lock is
    // held while `visit` runs, whose error ends it.
    virtual Result<void> each(const std::function<Result<void>(const OutputName&)>& visit) = 0;
    // Removes one that has this length; false, and nothing done, when it has another. Whoever appends to it afterwards
    // hears that it has that length: a call that was on its way does not begin it anew.
    virtual Result<bool> remove(const OutputName& name, std::int64_t length) = 0;
};

}  // namespace gyre
