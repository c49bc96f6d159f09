#pragma once

#include <string>

#include "adapters/sql/connections.h"
#include "ports/outbox.h"

namespace gyre::sql {

class SqlOutbox final : public Outbox {
public:
    // `server`: of several that share the database, of which one at a time gets an item; empty: this one is alone.
    SqlOutbox(Connections& connections, std::string server) : connections_(connections), server_(std::move(server)) {}

    Result<std::vector<OutboxItem>> pending(int limit) override;
    Result<void> done(const std::vector<std::int64_t>& ids) override;

private:
    Result<std::vector<OutboxItem>> claim(int limit);

    Connections& connections_;
    std::string server_;
};

}  // namespace gyre::sql
