#pragma once

#include "adapters/sql/connections.h"
#include "ports/context_store.h"

namespace gyre::sql {

class SqlContextStore final : public ContextStore {
public:
    explicit SqlContextStore(Connections& connections) : connections_(connections) {}

    Result<void> add(const Context& context) override;
    Result<bool> remove(const ContextId& id) override;
    Result<std::vector<Context>> of(const std::string& organization) override;
    Result<std::optional<Context>> by_id(const ContextId& id) override;
    Result<std::optional<Context>> by_name(const std::string& organization, const std::string& name) override;
    Result<void> allow_only(const ContextId& id, const ContextRestriction& restriction) override;
    Result<bool> lift(const ContextId& id, const std::string& restriction) override;
    Result<std::vector<ContextRestriction>> restrictions(const ContextId& id) override;

private:
    Connections& connections_;
};

}  // namespace gyre::sql
