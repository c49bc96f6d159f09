#pragma once

#include "adapters/memory/state.h"
#include "adapters/memory/trouble.h"
#include "ports/secret_store.h"

namespace gyre::memory {

class MemorySecretStore final : public SecretStore {
public:
    MemorySecretStore(SharedState& state, Trouble& trouble) : state_(state), trouble_(trouble) {}

    Result<void> put(const StoredSecret& secret, int most) override;
    Result<bool> remove(const SecretPlace& place) override;
    Result<std::vector<StoredSecret>> of(SecretKind kind, const std::string& owner) override;
    Result<std::vector<std::string>> keys() override;
    Result<std::vector<StoredSecret>> not_sealed_with(const std::string& key, int at_most) override;
    Result<bool> seal_again(const StoredSecret& was, const std::string& key, const std::string& sealed) override;
    Result<bool> given_to_forks(const ProjectId& project) override;
    Result<void> give_to_forks(const ProjectId& project, bool given) override;

private:
    SharedState& state_;
    Trouble& trouble_;
};

}  // namespace gyre::memory
