#pragma once

#include "adapters/sqlite/connections.h"
#include "ports/outbox.h"

namespace gyre::sqlite {

class SqliteOutbox final : public Outbox {
public:
    explicit SqliteOutbox(Connections& connections) : connections_(connections) {}

    Result<std::vector<OutboxItem>> pending(int limit) override;
    Result<void> done(const std::vector<std::int64_t>& ids) override;

private:
    Connections& connections_;
};

}  // namespace gyre::sqlite
