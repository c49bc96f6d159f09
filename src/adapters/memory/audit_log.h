#pragma once

#include "adapters/memory/state.h"
#include "adapters/memory/trouble.h"
#include "ports/audit_log.h"

namespace gyre::memory {

class MemoryAuditLog final : public AuditLog {
public:
    MemoryAuditLog(SharedState& state, Trouble& trouble) : state_(state), trouble_(trouble) {}

    Result<void> add(const std::vector<AuditEvent>& events) override;
    Result<AuditPage> newest(int limit, std::int64_t before) override;

private:
    SharedState& state_;
    Trouble& trouble_;
};

}  // namespace gyre::memory
