#pragma once

#include <optional>
#include <vector>

#include "adapters/sql/connections.h"
#include "ports/sealed_outputs.h"

namespace gyre::sql {

class SqlSealedOutputs final : public SealedOutputs {
public:
    explicit SqlSealedOutputs(Connections& connections) : connections_(connections) {}

    Result<std::optional<SealedOutput>> find(const OutputName& name) override;
    Result<void> add(const std::vector<SealedStep>& steps) override;
    Result<bool> has_ended(const AttemptRef& attempt) override;

    // Of all records the next ones behind a name, in their order; at most so many. A name of nothing is before them
    // all.
    Result<std::vector<SealedStep>> some_after(const OutputName& name, int most);
    // Removes those records that still say this: readers look for the raw bytes, which must be there.
    Result<void> forget(const std::vector<SealedStep>& steps);

private:
    Connections& connections_;
};

// For those who have a database and no stores.
Result<std::optional<SealedOutput>> find_sealed(Database& database, const OutputName& name);

}  // namespace gyre::sql
