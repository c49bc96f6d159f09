#pragma once

// Where the outputs of ended attempts are once they are sealed: each is a part of a blob (output/sealed_part.h). What
// is told here is durable. Thread-safe.

#include <optional>
#include <vector>

#include "base/result.h"
#include "ports/output_store.h"

namespace gyre {

struct SealedOutput {
    std::string blob;
    std::int64_t at = 0;     // where the part begins in the blob
    std::int64_t size = 0;   // of the part
    std::int64_t bytes = 0;  // of the output
    bool operator==(const SealedOutput&) const = default;
};
struct SealedStep {
    OutputName name;
    SealedOutput sealed;
};

class SealedOutputs {
public:
    virtual ~SealedOutputs() = default;
    virtual Result<std::optional<SealedOutput>> find(const OutputName& name) = 0;
    // All or none. Of an output that is there already, the longer one stays; of equally long ones, the first.
    // `invalid`: there is no such attempt.
    virtual Result<void> add(const std::vector<SealedStep>& steps) = 0;
    // Whether the attempt is known and has ended, so that nobody appends to its outputs any more.
    virtual Result<bool> has_ended(const AttemptRef& attempt) = 0;
};

}  // namespace gyre
