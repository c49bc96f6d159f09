#include "adapters/sql/ssh_store.h"

#include <optional>

#include "adapters/sql/queries.h"

namespace gyre::sql {
namespace {

constexpr std::string_view owner_of_key = "SELECT login FROM user_keys WHERE fingerprint = ?";
constexpr std::string_view count_keys = "SELECT COUNT(*) FROM user_keys WHERE login = ?";
constexpr std::string_view put_key =
    "INSERT INTO user_keys (fingerprint, login, type, key_base64, comment, added_at) VALUES (?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (fingerprint) DO UPDATE SET comment = excluded.comment WHERE user_keys.login = excluded.login";
constexpr std::string_view drop_key = "DELETE FROM user_keys WHERE login = ? AND fingerprint = ?";
constexpr std::string_view keys_of_login =
    "SELECT login, type, key_base64, comment, fingerprint, added_at FROM user_keys WHERE login = ?"
    " ORDER BY added_at, fingerprint";
constexpr std::string_view end_of_job = "SELECT stopped_at FROM jobs WHERE id = ?";
constexpr std::string_view forget_ended_jobs =
    "DELETE FROM ssh_guests WHERE job_id IN (SELECT jobs.id FROM ssh_guests JOIN jobs ON jobs.id = ssh_guests.job_id"
    " WHERE jobs.stopped_at IS NOT NULL)";
constexpr std::string_view put_guest =
    "INSERT INTO ssh_guests (job_id, login, keep, asked_at) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (job_id, login) DO UPDATE SET keep = excluded.keep, asked_at = excluded.asked_at";
constexpr std::string_view put_place =
    "INSERT INTO ssh_places (job_id, task_index, attempt, host, port, fingerprint, opened_at)"
    " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (job_id, task_index, attempt) DO UPDATE SET host = excluded.host,"
    " port = excluded.port, fingerprint = excluded.fingerprint, opened_at = excluded.opened_at";
constexpr std::string_view places_of_job =
    "SELECT task_index, attempt, host, port, fingerprint, opened_at FROM ssh_places WHERE job_id = ?"
    " ORDER BY task_index, attempt";

}  // namespace

Result<void> SqlSshStore::add_key(const UserKey& added) {
    return connections_.write([&](Database& database) -> Result<void> {
        const auto& key = added.key;
        GYRE_TRY_ASSIGN(const auto owner, database.value<std::string>(owner_of_key, key.fingerprint));
        if (owner && *owner != added.login) return conflict("this key is another user's: make one of your own");
        GYRE_TRY_ASSIGN(const auto count, database.value<std::int64_t>(count_keys, added.login));
        if (!owner && count.value_or(0) >= most_keys_of_user)
            return too_large("you have 100 keys, which is the limit: remove one first");
        GYRE_TRY_ASSIGN(const auto put, database.run(put_key, key.fingerprint, added.login, key.type, key.blob,
                                                     key.comment, added.added_at));
        if (put == 0) return conflict("this key is another user's: make one of your own");
        return {};
    });
}

Result<bool> SqlSshStore::remove_key(const std::string& login, const std::string& fingerprint) {
    return connections_.write([&](Database& database) -> Result<bool> {
        GYRE_TRY_ASSIGN(const auto removed, database.run(drop_key, login, fingerprint));
        return removed > 0;
    });
}

Result<std::vector<UserKey>> SqlSshStore::keys(const std::string& login) {
    return connections_.read([&](Database& database) -> Result<std::vector<UserKey>> {
        std::vector<UserKey> keys;
        const auto read = [&](const Row& row) {
            auto& [whose, key, at] = keys.emplace_back();
            return row.into(whose, key.type, key.blob, key.comment, key.fingerprint, at);
        };
        GYRE_TRY(database.each(keys_of_login, read, login));
        return keys;
    });
}

Result<void> SqlSshStore::ask(const JobId& job, const std::string& login, SshKeep keep, Timestamp at) {
    return connections_.write([&](Database& database) -> Result<void> {
        bool known = false;
        std::optional<Timestamp> ended;
        const auto read = [&](const Row& row) {
            known = true;
            return row.into(ended);
        };
        GYRE_TRY(database.each(end_of_job, read, job));
        if (!known) return not_found("there is no job " + job.text);
        if (ended) return conflict("the job has ended: run it again with SSH");
        GYRE_TRY(database.run(forget_ended_jobs));
        GYRE_TRY(database.run(put_guest, job, login, keep, at));
        return {};
    });
}

Result<std::map<JobId, std::vector<SshGuestOfJob>>> SqlSshStore::guests() {
    return connections_.read([&](Database& database) -> Result<std::map<JobId, std::vector<SshGuestOfJob>>> {
        std::map<JobId, std::vector<SshGuestOfJob>> all;
        const auto read = [&](const Row& row) -> Result<void> {
            JobId job;
            SshGuestOfJob guest;
            std::optional<std::string> type;
            std::optional<std::string> blob;
            GYRE_TRY(row.into(job, guest.login, guest.keep, type, blob));
            auto& guests = all[job];
            if (guests.empty() || guests.back().login != guest.login) guests.push_back(std::move(guest));
            if (type && blob) guests.back().keys.push_back(*type + ' ' + *blob);
            return {};
        };
        GYRE_TRY(database.each(queries::ssh_guests, read));
        return all;
    });
}

Result<void> SqlSshStore::set_place(const SshPlace& place) {
    return connections_.write([&](Database& database) -> Result<void> {
        const auto& [job, task, attempt] = place.attempt;
        GYRE_TRY(
            database.run(put_place, job, task, attempt, place.host, place.port, place.fingerprint, place.opened_at));
        return {};
    });
}

Result<std::vector<SshPlace>> SqlSshStore::places(const JobId& job) {
    return connections_.read([&](Database& database) -> Result<std::vector<SshPlace>> {
        std::vector<SshPlace> places;
        const auto read = [&](const Row& row) {
            auto& place = places.emplace_back();
            place.attempt.job = job;
            return row.into(place.attempt.task, place.attempt.attempt, place.host, place.port, place.fingerprint,
                            place.opened_at);
        };
        GYRE_TRY(database.each(places_of_job, read, job));
        return places;
    });
}

}  // namespace gyre::sql
