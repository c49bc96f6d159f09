#pragma once

// Which installation a database belongs to. The id is made once and stands beside the objects, too
// (adapters/fs/owner_mark.h): who would remove objects that no record names looks first whether these are its records.
// Thread-safe. Durable on return.

#include <functional>
#include <optional>
#include <string>

#include "adapters/sql/connections.h"
#include "base/result.h"

namespace gyre::sql {

struct KnownInstallation {
    std::string id;            // a UUID
    bool has_objects = false;  // somewhere stand objects with its mark
    std::string secrets_key;   // name of the key that all servers must have (identity/key_ring.h); empty: none said yet
    bool operator==(const KnownInstallation&) const = default;
};

// Of a database of any schema, as it is; nothing: it has no id yet.
Result<std::optional<KnownInstallation>> find_installation(Database& database);

class InstallationRecord {
public:
    explicit InstallationRecord(Connections& connections) : connections_(connections) {}

    Result<std::optional<KnownInstallation>> find();
    // Gives it this id, unless it has one. Answers what holds; of several who do so at once one is first.
    Result<KnownInstallation> begin(const std::string& id);
    // Calls `put` with what holds, one server after another, and notes that its objects have its mark when that went
    // well. Others who write wait meanwhile, and `put` may be called again: it puts the same. not_found: nobody began.
    Result<void> mark_objects(const std::function<Result<void>(const KnownInstallation&)>& put);
    // Its objects have its mark. not_found: nobody began.
    Result<void> note_objects();
    // Answers the name of the key that all servers must have: this one, when none was said before.
    Result<std::string> agree_on_key(const std::string& name);
    // False, and nothing done, when another than `before` holds by now.
    Result<bool> change_key(const std::string& before, const std::string& name);

private:
    Connections& connections_;
};

}  // namespace gyre::sql
