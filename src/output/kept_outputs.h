#pragma once

// All outputs, wherever they are: raw while their attempt runs and for a while after, then sealed. Who reads sees no
// difference: a record of what is sealed is durable before the raw bytes go. Thread-safe.

#include <list>
#include <memory>
#include <string>

#include "base/guarded.h"
#include "output/sealed_reader.h"
#include "ports/output_store.h"
#include "ports/sealed_outputs.h"

namespace gyre::output {

class KeptOutputs final : public OutputStore {
public:
    // They outlive it.
    KeptOutputs(OutputStore& raw, SealedOutputs& sealed, BlobStore& blobs)
        : raw_(raw), sealed_(sealed), blobs_(blobs) {}

    // What is sealed takes no more, whichever server sealed it.
    Result<Appended> append(const OutputName& name, std::int64_t offset, std::string_view bytes) override;
    Result<std::int64_t> length(const OutputName& name) override;
    Result<std::string> read(const OutputName& name, std::int64_t offset, std::size_t bytes) override;
    Result<LineMark> mark(const OutputName& name, std::int64_t ends) override;

private:
    using Reader = std::shared_ptr<SealedReader>;
    struct Open {
        OutputName name;
        Reader reader;
    };
    Result<bool> is_raw(const OutputName& name);
    Result<Reader> reader_of(const OutputName& name);  // null: it is not sealed
    Reader find_open(const OutputName& name);
    Result<Reader> open(const OutputName& name);
    void forget(const OutputName& name);
    void keep(const OutputName& name, const Reader& reader);

    OutputStore& raw_;
    SealedOutputs& sealed_;
    BlobStore& blobs_;
    Guarded<std::list<Open>> open_;  // the last used first; few, for each may hold some megabytes
};

}  // namespace gyre::output
