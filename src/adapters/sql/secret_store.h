#pragma once

#include "adapters/sql/connections.h"
#include "ports/secret_store.h"

namespace gyre::sql {

class SqlSecretStore final : public SecretStore {
public:
    explicit SqlSecretStore(Connections& connections) : connections_(connections) {}

    Result<void> put(const StoredSecret& secret, int most) override;
    Result<bool> remove(const SecretPlace& place) override;
    Result<std::vector<StoredSecret>> of(SecretKind kind, const std::string& owner) override;
    Result<std::vector<std::string>> keys() override;
    Result<std::vector<StoredSecret>> not_sealed_with(const std::string& key, int at_most) override;
    Result<bool> seal_again(const StoredSecret& was, const std::string& key, const std::string& sealed) override;
    Result<bool> given_to_forks(const ProjectId& project) override;
    Result<void> give_to_forks(const ProjectId& project, bool given) override;

private:
    Connections& connections_;
};

}  // namespace gyre::sql
