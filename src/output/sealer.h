#pragma once

// Seals the outputs of ended attempts that lie raw on this server: packs them into blobs, records where each is, and
// removes the raw bytes, in this order. What ends it in between loses nothing: whatever is not recorded is sealed by a
// later turn, of whichever process; whatever is recorded is only removed. A blob that nobody came to name is swept
// (sweep.h), where the store of blobs can be swept. Servers that share a directory may both seal an output: then both
// records say the same, or the longer one stays; what another was faster with is left out. One thread.
//
// An output that cannot be read is in nobody's way: it is told, passed over, and after two such turns left as it is for
// an hour. So is one whose blob is refused; what a refused blob held is sealed again each by itself, which shows whose
// fault it was.
//
// Small outputs share a blob, so that a job of many steps costs the store of blobs one call and not many.

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "output/pack_file.h"
#include "output/sealed_part.h"
#include "ports/blob_store.h"
#include "ports/raw_outputs.h"
#include "ports/sealed_outputs.h"

namespace gyre::output {

struct SealRules {
    std::int64_t pack_bytes = 16 << 20;  // a blob of that size takes no further output
    std::size_t pack_outputs = 500;
    std::ptrdiff_t records_at_once = 50;  // others wait for a transaction
    int most_failures = 10;               // of outputs, in a turn: more are no fault of theirs, and end it
    std::chrono::seconds left_for{3600};
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
    using GoOn = std::function<Result<void>()>;
    using Instant = std::chrono::steady_clock::time_point;

    // `scratch`: a directory with room for the largest output, compressed.
    Sealer(SealPorts ports, std::string scratch, SealRules rules = {})
        : ports_(ports), scratch_(std::move(scratch)), rules_(rules) {}

    // Seals what there is. `go_on` is asked before each piece that is read or stored. After an error the next turn goes
    // on. Errors are those of the disk, the database and the store of blobs.
    Result<SealedCount> turn(const GoOn& go_on, Instant now = std::chrono::steady_clock::now());

private:
    using Key = std::pair<std::string, int>;  // attempt and step
    // Outputs on their way into one blob.
    struct Pack {
        PackFile file;
        std::vector<SealedStep> steps;
        std::string blob;  // once nothing is added any more
    };
    struct Trouble {  // with an output, in earlier turns
        int failures = 0;
        bool alone = false;  // its blob was refused: it gets one of its own
        Instant last{};
    };
    struct Turn {
        const GoOn& go_on;
        Instant now;
        SealedCount count;
        int failures = 0;
        std::set<Key> troubled;                                // those with trouble that are still there
        std::optional<std::pair<AttemptRef, bool>> looked_up;  // an attempt, and whether it has ended
    };
    static Key key_of(const OutputName& name) { return {name.attempt.id().text, name.step}; }

    Result<bool> has_ended(Turn& turn, const AttemptRef& attempt);
    Result<void> look_at(Turn& turn, const OutputName& name);
    Result<void> seal(Turn& turn, const OutputName& name, std::int64_t length, bool alone);
    Result<void> pack(Turn& turn, const OutputName& name, std::int64_t length);
    // False: the output is passed over, and its part is not whole.
    Result<bool> write_part(Turn& turn, const OutputName& name, std::int64_t length);
    Result<void> end_pack(Turn& turn);
    Result<void> store(const Turn& turn, const Pack& pack);
    Result<void> record(Turn& turn, const Pack& pack);
    // An error when it is not the output's alone.
    Result<void> failed(Turn& turn, const OutputName& name, const Error& why);
    Result<void> refused(Turn& turn, const Error& why);

    SealPorts ports_;
    std::string scratch_;
    SealRules rules_;
    PartWriter writer_;
    std::optional<Pack> pack_;
    std::map<Key, Trouble> troubles_;
};

}  // namespace gyre::output
