#pragma once

// Seals the outputs of ended attempts that lie raw on this server: packs them into blobs, records where each is, and
// removes the raw bytes, in this order. What ends it in between loses nothing: whatever is not recorded is sealed by a
// later turn, of whichever process; whatever is recorded is only removed. A blob that nobody came to name is swept
// (sweep.h). Servers that share a directory may both seal an output: then both records say the same, or the longer one
// stays. One thread.
//
// An output that could not be read, or whose blob was refused, in two turns is left as it is and in nobody's way; the
// next process tries it again.
//
// Small outputs share a blob, so that a job of many steps costs the store of blobs one call and not many.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/digest.h"
#include "base/fd.h"
#include "base/result.h"
#include "output/sealed_part.h"
#include "ports/blob_store.h"
#include "ports/raw_outputs.h"
#include "ports/sealed_outputs.h"

namespace gyre::output {

struct SealRules {
    std::int64_t pack_bytes = 16 << 20;  // a blob of that size takes no further output
    std::size_t pack_outputs = 500;
};

struct SealedCount {
    std::int64_t outputs = 0;
    std::int64_t bytes = 0;   // raw
    std::int64_t stored = 0;  // compressed
};

struct SealPorts {
    RawOutputs& raw;
    SealedOutputs& sealed;
    BlobStore& blobs;
};

class Sealer {
public:
    // `scratch`: a directory with room for the largest output, compressed.
    Sealer(SealPorts ports, std::string scratch, SealRules rules = {})
        : ports_(ports), scratch_(std::move(scratch)), rules_(rules) {}

    // Seals what there is. `go_on` is asked before each output. After an error the next turn goes on.
    Result<SealedCount> turn(const std::function<Result<void>()>& go_on);

private:
    // Outputs on their way into one blob.
    struct Pack {
        Fd file;
        Sha256 hash;
        std::int64_t size = 0;
        std::vector<SealedStep> steps;
        std::string blob;  // once nothing is added any more
    };
    Result<bool> has_ended(const AttemptRef& attempt);
    Result<void> look_at(const OutputName& name);
    Result<void> pack(const OutputName& name, std::int64_t length);
    Result<void> write_part(Pack& pack, const OutputName& name, std::int64_t length);
    Result<void> end_pack();
    Result<void> store(const Pack& pack);
    // Nothing when it is to be left from now on.
    Result<void> failed(const OutputName& name, const Error& why);
    bool is_left(const OutputName& name) const;
    Result<void> refused(const Error& why);

    SealPorts ports_;
    std::string scratch_;
    SealRules rules_;
    PartWriter writer_;
    std::optional<Pack> pack_;
    std::optional<std::pair<AttemptRef, bool>> looked_up_;  // an attempt, and whether it has ended
    SealedCount count_;
    std::map<std::pair<std::string, int>, int> failures_;  // by attempt and step
};

}  // namespace gyre::output
