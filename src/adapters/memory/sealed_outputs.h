#pragma once

#include "adapters/memory/state.h"
#include "adapters/memory/trouble.h"
#include "ports/sealed_outputs.h"

namespace gyre::memory {

class MemorySealedOutputs final : public SealedOutputs {
public:
    MemorySealedOutputs(SharedState& state, Trouble& trouble) : state_(state), trouble_(trouble) {}

    Result<std::optional<SealedOutput>> find(const OutputName& name) override;
    Result<void> add(const std::vector<SealedStep>& steps) override;
    Result<bool> has_ended(const AttemptRef& attempt) override;

private:
    SharedState& state_;
    Trouble& trouble_;
};

}  // namespace gyre::memory
