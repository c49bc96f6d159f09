#pragma once

#include "adapters/sql/connections.h"
#include "ports/sealed_outputs.h"

namespace gyre::sql {

class SqlSealedOutputs final : public SealedOutputs {
public:
    explicit SqlSealedOutputs(Connections& connections) : connections_(connections) {}

    Result<std::optional<SealedOutput>> find(const OutputName& name) override;
    Result<void> add(const std::vector<SealedStep>& steps) override;
    Result<bool> has_ended(const AttemptRef& attempt) override;

private:
    Connections& connections_;
};

// For those who have a database and no stores.
Result<std::optional<SealedOutput>> find_sealed(Database& database, const OutputName& name);

}  // namespace gyre::sql
