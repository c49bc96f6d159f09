#include "apps/gyre/one_installation.h"

#include "adapters/fs/folder.h"
#include "adapters/fs/owner_mark.h"
#include "apps/gyre/keep_servers_out.h"
#include "apps/gyre/objects_in_use.h"
#include "apps/gyre/raw_database.h"
#include "apps/gyre/records.h"
#include "base/log.h"
#include "base/random.h"

namespace gyre::apps {
namespace {

using Known = std::optional<sql::KnownInstallation>;

constexpr const char* how_to_go_on =
    ": name the database and the objects that belong together (--data-dir, --database, --objects-dir, --objects); if "
    "the database was lost, restore a backup (gyre restore); or, if these objects shall be this database's from now "
    "on, run `gyre database adopt-objects` with the same settings";

// `owner`: of what stands at `place`; empty: nobody's.
Result<void> check_owner(const Known& known, const std::string& place, const std::string& owner) {
    if (owner.empty() || (known && known->id == owner)) return {};
    const std::string ours = known ? "the database belongs to the installation " + known->id
                                   : std::string("the database is new, or an older version wrote it last");
    return conflict(ours + ", and what is in " + place + " belongs to the installation " + owner +
                    "; this database does not name those objects, and they would be removed" + how_to_go_on);
}

Result<void> check_not_elsewhere(const Known& known, const std::string& place, const std::string& owner) {
    if (!owner.empty() || !known || !known->has_objects) return {};
    return conflict("the database belongs to the installation " + known->id + ", which has its objects elsewhere: " +
                    place + " has no file `" + fs::mark_name + "` that says so" + how_to_go_on);
}

// A database that names no objects: nobody has worked with it.
Result<bool> is_new(sql::Stores& records) {
    GYRE_TRY_ASSIGN(const bool without_tokens, records.token_store().empty());
    GYRE_TRY_ASSIGN(const auto projects, records.project_store().all());
    return without_tokens && projects.empty();
}

// Objects of an installation from before there were ids.
Result<void> check_not_new(sql::Stores& records, Objects& objects) {
    GYRE_TRY_ASSIGN(const bool fresh, is_new(records));
    if (!fresh) return {};
    GYRE_TRY_ASSIGN(const bool any, objects.holds_any());
    if (!any) return {};
    return conflict("the database is new, and " + objects.name() +
                    " holds the objects of an installation; this database does not name them, and they would be "
                    "removed" +
                    how_to_go_on);
}

// Nobody who says that objects shall be this database's wants all of them removed.
Result<void> check_names_some(sql::Stores& records, Objects& objects, const std::string& owner) {
    GYRE_TRY_ASSIGN(const auto known, records.installation().find());
    if (known && known->id == owner) return {};
    GYRE_TRY_ASSIGN(const bool fresh, is_new(records));
    if (!fresh) return {};
    GYRE_TRY_ASSIGN(const bool any, objects.holds_any());
    if (!any && owner.empty()) return {};
    return conflict("the database has neither projects nor tokens and names no objects: all in " + objects.name() +
                    " would be removed. If the database was lost, restore a backup (gyre restore); for a new "
                    "installation name an empty place for its objects");
}

// What an administrator or time can mend, and tells nothing about whose they are.
bool cannot_be_asked(const Error& error) { return error.fault != Fault::conflict && error.fault != Fault::corrupt; }

// The database's half, which others ask for (keys of secrets, backups). A new database has no reason to go on.
Result<void> go_on_unasked(sql::Stores& records, const Known& known, const Error& why) {
    GYRE_TRY_ASSIGN(const bool fresh, is_new(records));
    if (fresh && !(known && known->has_objects)) return why.during("a first start asks whose the objects are");
    GYRE_TRY(records.installation().begin(known ? known->id : random_uuid()));
    log::warn("objects", "whose objects these are is asked again before any are removed: {}", why.message);
    return {};
}

// Whoever began at the same time may have put it elsewhere meanwhile.
Result<void> put_marks(const sql::KnownInstallation& known, Objects& objects, const fs::Folder& home) {
    if (known.has_objects) GYRE_TRY(check_installation(known, objects));
    GYRE_TRY_ASSIGN(const auto owner, objects.put_owner(known.id));
    if (owner.empty()) return unavailable(objects.name() + ": the file of its owner vanished again");
    GYRE_TRY(check_owner(known, objects.name(), owner));
    GYRE_TRY_ASSIGN(const auto beside, fs::put_mark(home, known.id));
    return check_owner(known, home.path().string(), beside);
}

}  // namespace

Result<void> settle_installation(sql::Stores& records, Objects& objects, const std::string& home) {
    GYRE_TRY_ASSIGN(const auto known, records.installation().find());
    GYRE_TRY_ASSIGN(const auto folder, fs::Folder::open(home));
    GYRE_TRY_ASSIGN(const auto beside, fs::read_mark(folder));
    GYRE_TRY(check_owner(known, home, beside));
    const auto owner = objects.owner();
    if (!owner) return cannot_be_asked(owner.error()) ? go_on_unasked(records, known, owner.error()) : owner.error();
    GYRE_TRY(check_owner(known, objects.name(), *owner));
    GYRE_TRY(check_not_elsewhere(known, objects.name(), *owner));
    if (owner->empty()) GYRE_TRY(check_not_new(records, objects));
    GYRE_TRY_ASSIGN(const auto ours, records.installation().begin(known ? known->id : random_uuid()));
    const auto put = records.installation().mark_objects(
        [&](const sql::KnownInstallation& now) { return put_marks(now, objects, folder); });
    return put || !cannot_be_asked(put.error()) ? put : go_on_unasked(records, ours, put.error());
}

Result<void> check_before_sweep(sql::Stores& records, Objects& objects, const std::string& home) {
    GYRE_TRY_ASSIGN(auto known, records.installation().find());
    if (!known || !known->has_objects) {
        GYRE_TRY(settle_installation(records, objects, home));
        GYRE_TRY_ASSIGN(known, records.installation().find());
    }
    return check_installation(known, objects);
}

Result<void> check_installation(const Known& known, Objects& objects) {
    GYRE_TRY_ASSIGN(const auto owner, objects.owner());
    GYRE_TRY(check_owner(known, objects.name(), owner));
    return check_not_elsewhere(known, objects.name(), owner);
}

Result<Adopted> adopt_objects(const ServerSettings& settings, const DataDirectory& data) {
    GYRE_TRY_ASSIGN(const auto held, keep_servers_out(settings));
    GYRE_TRY_ASSIGN(const auto records, open_records(settings, data, ""));
    GYRE_TRY_ASSIGN(const std::string home, data.objects(settings.objects_dir));
    GYRE_TRY(check_objects_unused(home, data.path()));
    GYRE_TRY_ASSIGN(const auto folder, fs::Folder::open(home));
    GYRE_TRY_ASSIGN(const auto objects, Objects::open(settings, data.path(), home));
    auto owner = objects->owner();
    if (!owner && owner.error().fault != Fault::corrupt) return owner.error();
    Adopted adopted{.installation = {}, .objects = objects->name(), .before = owner.value_or("")};
    GYRE_TRY(check_names_some(*records, *objects, adopted.before));
    GYRE_TRY_ASSIGN(const auto ours,
                    records->installation().begin(adopted.before.empty() ? random_uuid() : adopted.before));
    adopted.installation = ours.id;
    GYRE_TRY(still_kept_out(held));
    GYRE_TRY(check_objects_unused(home, data.path()));
    GYRE_TRY(objects->replace_owner(ours.id));
    GYRE_TRY(fs::replace_mark(folder, ours.id));
    GYRE_TRY(records->installation().note_objects());
    return adopted;
}

}  // namespace gyre::apps
