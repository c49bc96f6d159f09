#pragma once

#include "adapters/memory/state.h"
#include "adapters/memory/trouble.h"
#include "ports/push_store.h"

namespace gyre::memory {

class MemoryPushStore final : public PushStore {
public:
    MemoryPushStore(SharedState& state, Trouble& trouble) : state_(state), trouble_(trouble) {}

    Result<std::int64_t> newest(const ProjectId& project) override;
    Result<std::optional<std::map<std::string, std::string>>> seen_refs(const ProjectId& project) override;
    Result<void> remember_refs(const ProjectId& project, const std::map<std::string, std::string>& refs) override;
    Result<RefTrail> trail(const ProjectId& project, const std::string& ref, const std::string& delivery) override;
    Result<bool> commit(const PushChange& change) override;
    Result<std::vector<StoredPush>> open(const ProjectId& project) override;
    Result<void> close(const ProjectId& project, std::int64_t number, const PipelineId& pipeline,
                       const std::string& note) override;

private:
    SharedState& state_;
    Trouble& trouble_;
};

}  // namespace gyre::memory
