#pragma once

#include "adapters/memory/state.h"
#include "adapters/memory/trouble.h"
#include "ports/orb_store.h"

namespace gyre::memory {

class MemoryOrbStore final : public OrbStore {
public:
    MemoryOrbStore(SharedState& state, Trouble& trouble) : state_(state), trouble_(trouble) {}

    Result<PublishedOrb> publish(OrbRelease release, const std::string& source) override;
    Result<std::vector<std::string>> names(const OrbQuery& query) override;
    Result<std::vector<ListedOrb>> list(const OrbQuery& query, Timestamp now) override;
    Result<std::vector<OrbRelease>> releases(const std::string& name) override;
    Result<std::string> source(const std::string& name, const std::string& version) override;
    Result<void> remove(const std::string& name, const std::string& version) override;

private:
    SharedState& state_;
    Trouble& trouble_;
};

}  // namespace gyre::memory
