#pragma once

#include "adapters/memory/state.h"
#include "adapters/memory/trouble.h"
#include "ports/raw_outputs.h"

namespace gyre::memory {

class MemoryOutputStore final : public RawOutputs {
public:
    MemoryOutputStore(SharedState& state, Trouble& trouble) : state_(state), trouble_(trouble) {}

    Result<Appended> append(const OutputName& name, std::int64_t offset, std::string_view bytes) override;
    Result<std::int64_t> length(const OutputName& name) override;
    Result<std::string> read(const OutputName& name, std::int64_t offset, std::size_t bytes) override;
    Result<void> each(const std::function<Result<void>(const OutputName&)>& visit) override;
    Result<bool> remove(const OutputName& name, std::int64_t length) override;

private:
    SharedState& state_;
    Trouble& trouble_;
};

}  // namespace gyre::memory
