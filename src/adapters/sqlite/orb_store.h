#pragma once

#include "adapters/sqlite/connections.h"
#include "ports/orb_store.h"

namespace gyre::sqlite {

class SqliteOrbStore final : public OrbStore {
public:
    explicit SqliteOrbStore(Connections& connections) : connections_(connections) {}

    Result<PublishedOrb> publish(OrbRelease release, const std::string& source) override;
    Result<std::vector<std::string>> names(const OrbQuery& query) override;
    Result<std::vector<OrbRelease>> releases(const std::string& name) override;
    Result<std::string> source(const std::string& name, const std::string& version) override;
    Result<void> remove(const std::string& name, const std::string& version) override;

private:
    Connections& connections_;
};

}  // namespace gyre::sqlite
