#pragma once

#include "adapters/sql/connections.h"
#include "ports/outbox.h"

namespace gyre::sql {

class SqlOutbox final : public Outbox {
public:
    explicit SqlOutbox(Connections& connections) : connections_(connections) {}

    Result<std::vector<OutboxItem>> pending(int limit) override;
    Result<void> done(const std::vector<std::int64_t>& ids) override;

private:
    Connections& connections_;
};

}  // namespace gyre::sql
