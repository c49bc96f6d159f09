#pragma once

#include "adapters/sql/connections.h"
#include "ports/ssh_store.h"

namespace gyre::sql {

class SqlSshStore final : public SshStore {
public:
    explicit SqlSshStore(Connections& connections) : connections_(connections) {}

    Result<void> add_key(const UserKey& key) override;
    Result<bool> remove_key(const std::string& login, const std::string& fingerprint) override;
    Result<std::vector<UserKey>> keys(const std::string& login) override;
    Result<void> ask(const JobId& job, const std::string& login, SshKeep keep, Timestamp at) override;
    Result<std::map<JobId, std::vector<SshGuestOfJob>>> guests() override;
    Result<void> set_place(const SshPlace& place) override;
    Result<std::vector<SshPlace>> places(const JobId& job) override;

private:
    Connections& connections_;
};

}  // namespace gyre::sql
