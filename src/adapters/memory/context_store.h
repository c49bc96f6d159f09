#pragma once

#include "adapters/memory/state.h"
#include "adapters/memory/trouble.h"
#include "ports/context_store.h"

namespace gyre::memory {

class MemoryContextStore final : public ContextStore {
public:
    MemoryContextStore(SharedState& state, Trouble& trouble) : state_(state), trouble_(trouble) {}

    Result<void> add(const Context& context) override;
    Result<bool> remove(const ContextId& id) override;
    Result<std::vector<Context>> of(const std::string& organization) override;
    Result<std::optional<Context>> by_id(const ContextId& id) override;
    Result<std::optional<Context>> by_name(const std::string& organization, const std::string& name) override;
    Result<void> allow_only(const ContextId& id, const ContextRestriction& restriction) override;
    Result<bool> lift(const ContextId& id, const std::string& restriction) override;
    Result<std::vector<ContextRestriction>> restrictions(const ContextId& id) override;

private:
    SharedState& state_;
    Trouble& trouble_;
};

}  // namespace gyre::memory
