#pragma once

// A database and its objects belong together: both have the id of their installation (adapters/sql/
// installation_record.h, adapters/fs/owner_mark.h; docs/admin/installation.md). Whoever removes objects that no record
// names, or copies those that records do name, looks first. Copies of one installation have one id, and are not told
// apart.

#include <optional>
#include <string>

#include "adapters/sql/stores.h"
#include "apps/gyre/data_directory.h"
#include "apps/gyre/objects.h"
#include "apps/gyre/settings.h"
#include "base/result.h"

namespace gyre::apps {

// Before a server starts: both get an id where neither has one, the directory of raw outputs (`home`) as well.
// conflict: they do not belong together; the message says which is which, and how to go on. Objects that cannot be
// asked now, because they are elsewhere, are in the way of the start of a new database only: nothing is removed before
// they were.
Result<void> settle_installation(sql::Stores& records, Objects& objects, const std::string& home);

// Before objects are removed by a server: settles what its start could not, and then as check_installation.
Result<void> check_before_sweep(sql::Stores& records, Objects& objects, const std::string& home);

// Before objects are removed or copied: conflict when they are another's, or nobody's although the database has some.
Result<void> check_installation(const std::optional<sql::KnownInstallation>& known, Objects& objects);

struct Adopted {
    std::string installation;
    std::string objects;  // where they are
    std::string before;   // whose they were; empty: nobody's
};
// Makes the objects that the settings name those of the database that they name, whosoever they are. A database
// without an id takes that of the objects. conflict: servers run on the database or on the objects' directory, which is
// asked again just before anything is written, or the database is new, and all would be removed.
Result<Adopted> adopt_objects(const ServerSettings& settings, const DataDirectory& data);

}  // namespace gyre::apps
