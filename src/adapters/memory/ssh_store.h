#pragma once

#include "adapters/memory/state.h"
#include "adapters/memory/trouble.h"
#include "ports/ssh_store.h"

namespace gyre::memory {

class MemorySshStore final : public SshStore {
public:
    MemorySshStore(SharedState& state, Trouble& trouble) : state_(state), trouble_(trouble) {}

    Result<void> add_key(const UserKey& key) override;
    Result<bool> remove_key(const std::string& login, const std::string& fingerprint) override;
    Result<std::vector<UserKey>> keys(const std::string& login) override;
    Result<void> ask(const JobId& job, const std::string& login, SshKeep keep, Timestamp at) override;
    Result<std::map<JobId, std::vector<SshGuestOfJob>>> guests() override;
    Result<void> set_place(const SshPlace& place) override;
    Result<std::vector<SshPlace>> places(const JobId& job) override;

private:
    SharedState& state_;
    Trouble& trouble_;
};

}  // namespace gyre::memory
