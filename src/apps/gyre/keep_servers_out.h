#pragma once

// For commands that change what servers share. Those of this machine are kept out by the lock of the data directory
// (data_directory.h); the others of a PostgreSQL by what is here.

#include <memory>

#include "adapters/postgres/database.h"
#include "apps/gyre/settings.h"
#include "base/result.h"

namespace gyre::apps {

// The end of a connection may be noticed late, and whoever comes next asks whether others are there.
struct LetServersIn {
    void operator()(postgres::Database* database) const;
};
using ServersKeptOut = std::unique_ptr<postgres::Database, LetServersIn>;

// As long as the answer is there no server starts on the settings' PostgreSQL; null where there is none. Errors:
// conflict (servers use it), invalid, unavailable.
Result<ServersKeptOut> keep_servers_out(const ServerSettings& settings);

// For what takes long: a connection may end meanwhile, and servers start. Errors: conflict.
Result<void> still_kept_out(const ServersKeptOut& held);

}  // namespace gyre::apps
