#pragma once

#include "adapters/sql/connections.h"
#include "ports/orb_store.h"

namespace gyre::sql {

class SqlOrbStore final : public OrbStore {
public:
    explicit SqlOrbStore(Connections& connections) : connections_(connections) {}

    Result<PublishedOrb> publish(OrbRelease release, const std::string& source) override;
    Result<std::vector<std::string>> names(const OrbQuery& query) override;
    Result<std::vector<ListedOrb>> list(const OrbQuery& query, Timestamp now) override;
    Result<std::vector<OrbRelease>> releases(const std::string& name) override;
    Result<std::string> source(const std::string& name, const std::string& version) override;
    Result<void> remove(const std::string& name, const std::string& version) override;

private:
    Connections& connections_;
};

}  // namespace gyre::sql
