#pragma once

#include "adapters/sql/connections.h"
#include "ports/audit_log.h"

namespace gyre::sql {

class SqlAuditLog final : public AuditLog {
public:
    explicit SqlAuditLog(Connections& connections) : connections_(connections) {}

    Result<void> add(const std::vector<AuditEvent>& events) override;
    Result<AuditPage> newest(int limit, std::int64_t before) override;

private:
    Connections& connections_;
};

}  // namespace gyre::sql
