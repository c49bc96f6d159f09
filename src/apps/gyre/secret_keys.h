#pragma once

// The file of keys that secrets are sealed with (identity/key_ring.h): secrets.key in the data directory, or another
// that several servers share.

#include <memory>
#include <string>
#include <vector>

#include "adapters/sql/installation_record.h"
#include "apps/gyre/data_directory.h"
#include "apps/gyre/settings.h"
#include "base/result.h"
#include "identity/vault.h"

namespace gyre::apps {

// Makes the data directory's own file at the first start. `shared`: of the database, where several servers may use it:
// the first one's newest key is one that all must have, but whose own newest seals something already; each later one's
// newest is from then on. unavailable: another server said so at the same moment. `invalid`: the file is none or is
// missing, others may read it, or it lacks that key, or one that seals secrets.
Result<std::unique_ptr<identity::Vault>> open_vault(const ServerSettings& settings, const DataDirectory& data,
                                                    SecretStore& store, sql::InstallationRecord* shared = nullptr);

// Whether the installation's file opens what is sealed with these keys. Makes nothing. `invalid`, `unavailable`: what
// is wrong with it, or which key it lacks.
Result<void> check_secret_keys(const ServerSettings& settings, const std::vector<std::string>& in_use);

// Where the file stands that the setting secrets_key_file names: hidden from jobs. Empty: it names none, or one that
// stands in the root or right below it, which is refused.
std::string hidden_directory_of(const std::string& key_file);

// Puts a new key in front of the others, which stay; the file is there whole before and after, durable, and has the
// owner that it had. A file that is not there is made; a symbolic link is `invalid`. Of several calls at once each adds
// its key, or fails.
Result<void> add_secrets_key(const std::string& path);

}  // namespace gyre::apps
