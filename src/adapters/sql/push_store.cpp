#include "adapters/sql/push_store.h"

#include <algorithm>

#include "adapters/sql/queries.h"

namespace gyre::sql {
namespace {

constexpr std::string_view put_seen =
    "INSERT INTO refs_seen (project_id, ref, revision) VALUES (?, ?, ?)"
    " ON CONFLICT (project_id, ref) DO UPDATE SET revision = excluded.revision";
constexpr std::string_view put_push =
    "INSERT INTO pushes (project_id, number, ref, old_revision, new_revision, actor, announced, delivery, counted, "
    "open,"
    " pipeline_id, note, received_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (project_id, number) DO UPDATE SET actor = excluded.actor, announced = excluded.announced,"
    " delivery = excluded.delivery, counted = excluded.counted";
// Stands at the pseudo-ref "" once a project was looked at for the first time.
constexpr const char* looked_at = "looked-at";

template <typename... Args>
Result<std::vector<StoredPush>> select(Database& database, std::string_view sql, const Args&... args) {
    std::vector<StoredPush> pushes;
    const auto read = [&](const Row& row) {
        auto& push = pushes.emplace_back();
        return row.into(push.project, push.number, push.ref, push.before, push.after, push.actor, push.announced,
                        push.delivery, push.counted, push.open, push.pipeline, push.note, push.received_at);
    };
    GYRE_TRY(database.each(sql, read, args...));
    return pushes;
}

std::optional<StoredPush> first_of(std::vector<StoredPush> pushes) {
    return pushes.empty() ? std::nullopt : std::optional(std::move(pushes.front()));
}

Result<std::int64_t> newest_of(Database& database, const ProjectId& project) {
    GYRE_TRY_ASSIGN(const auto number, database.value<std::int64_t>(queries::newest_push, project));
    return number.value_or(0);
}

Result<void> put(Database& database, const StoredPush& push) {
    GYRE_TRY(database.run(put_push, push.project, push.number, push.ref, push.before, push.after, push.actor,
                          push.announced, push.delivery, push.counted, push.open, push.pipeline, push.note,
                          push.received_at));
    return {};
}

Result<void> put_ref(Database& database, const ProjectId& project, const std::string& ref,
                     const std::string& revision) {
    const auto done = revision.empty()
                          ? database.run("DELETE FROM refs_seen WHERE project_id = ? AND ref = ?", project, ref)
                          : database.run(put_seen, project, ref, revision);
    return done ? Result<void>() : done.error();
}

}  // namespace

Result<void> put_refs(Database& database, const ProjectId& project, const std::map<std::string, std::string>& refs) {
    for (const auto& [ref, revision] : refs) GYRE_TRY(put_ref(database, project, ref, revision));
    return put_ref(database, project, "", looked_at);
}

Result<std::int64_t> SqlPushStore::newest(const ProjectId& project) {
    return connections_.read([&](Database& database) { return newest_of(database, project); });
}

Result<std::optional<std::map<std::string, std::string>>> SqlPushStore::seen_refs(const ProjectId& project) {
    using Refs = std::optional<std::map<std::string, std::string>>;
    return connections_.read([&](Database& database) -> Result<Refs> {
        std::map<std::string, std::string> refs;
        const auto read = [&](const Row& row) -> Result<void> {
            std::string ref;
            std::string revision;
            GYRE_TRY(row.into(ref, revision));
            refs[ref] = revision;
            return {};
        };
        GYRE_TRY(database.each("SELECT ref, revision FROM refs_seen WHERE project_id = ?", read, project));
        return refs.erase("") > 0 ? Refs(std::move(refs)) : Refs();
    });
}

Result<void> SqlPushStore::remember_refs(const ProjectId& project, const std::map<std::string, std::string>& refs) {
    return connections_.write([&](Database& database) { return put_refs(database, project, refs); });
}

Result<RefTrail> SqlPushStore::trail(const ProjectId& project, const std::string& ref, const std::string& delivery) {
    return connections_.read([&](Database& database) -> Result<RefTrail> {
        RefTrail trail;
        GYRE_TRY_ASSIGN(auto seen,
                        database.value<std::string>("SELECT revision FROM refs_seen WHERE project_id = ? AND ref = ?",
                                                    project, ref));
        trail.revision = std::move(seen).value_or("");
        GYRE_TRY_ASSIGN(trail.recent, select(database, queries::recent_pushes, project, ref, most_recent_pushes));
        GYRE_TRY_ASSIGN(trail.uncounted,
                        select(database, queries::uncounted_pushes, project, ref, most_uncounted_pushes));
        std::reverse(trail.uncounted.begin(), trail.uncounted.end());
        if (delivery.empty()) return trail;
        GYRE_TRY_ASSIGN(auto delivered, select(database, queries::delivered_push, project, ref, delivery));
        trail.delivered = first_of(std::move(delivered));
        return trail;
    });
}

Result<bool> SqlPushStore::commit(const PushChange& change) {
    const auto store = [&](Database& database) -> Result<bool> {
        GYRE_TRY_ASSIGN(const std::int64_t newest, newest_of(database, change.project));
        if (newest != change.newest) return false;
        for (StoredPush push : change.pushes) {
            if (push.number == 0) push.number = newest + 1;
            GYRE_TRY(put(database, push));
        }
        GYRE_TRY(put_ref(database, change.project, change.ref, change.revision));
        return true;
    };
    return connections_.write(store, Durable::with_the_next);
}

Result<std::vector<StoredPush>> SqlPushStore::open(const ProjectId& project) {
    return connections_.read([&](Database& database) { return select(database, queries::open_pushes, project); });
}

Result<void> SqlPushStore::close(const ProjectId& project, std::int64_t number, const PipelineId& pipeline,
                                 const std::string& note) {
    const auto store = [&](Database& database) -> Result<void> {
        GYRE_TRY(
            database.run("UPDATE pushes SET open = 0, pipeline_id = ?, note = ? WHERE project_id = ? AND number = ?",
                         pipeline, note, project, number));
        return {};
    };
    return connections_.write(store, Durable::some_day);
}

}  // namespace gyre::sql
