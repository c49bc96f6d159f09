#include "adapters/sql/orb_store.h"

#include <fmt/format.h>

#include <algorithm>

#include "adapters/sql/queries.h"
#include "base/digest.h"

namespace gyre::sql {
namespace {

constexpr std::string_view put_release =
    "INSERT INTO orb_releases (name, version, sha256, published_by, published_at, expires_at, source, place)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (name, version) DO UPDATE SET sha256 = excluded.sha256,"
    " published_by = excluded.published_by, published_at = excluded.published_at, expires_at = excluded.expires_at,"
    " source = excluded.source";
constexpr std::string_view find_releases =
    "SELECT name, version, sha256, published_by, published_at, expires_at FROM orb_releases WHERE name = ?";
constexpr std::string_view list_names =
    "SELECT DISTINCT name FROM orb_releases WHERE name > ? AND (? = '' OR REPLACE(name, ?, '') <> name) ORDER BY name "
    "LIMIT ?";

template <typename... Values>
Result<std::vector<OrbRelease>> read_releases(Database& database, std::string_view statement, const Values&... values) {
    std::vector<OrbRelease> releases;
    const auto read = [&](const Row& row) {
        auto& one = releases.emplace_back();
        return row.into(one.name, one.version, one.sha256, one.published_by, one.published_at, one.expires_at);
    };
    GYRE_TRY(database.each(statement, read, values...));
    return releases;
}

Error no_release(const std::string& name, const std::string& version) {
    return not_found("there is no " + name + "@" + version);
}

// In the order of sorted_releases() as texts compare; migration 0010 says the same.
std::string place_of(const std::string& version) {
    constexpr int most = 999'999'999;
    const auto numbers = parse_orb_version(version);
    if (!numbers) return "2" + version;
    return fmt::format("1{:09}{:09}{:09}", most - numbers->major, most - numbers->minor, most - numbers->patch);
}

// Whether there is room for one more release of a name.
Result<void> check_room(Database& database, const OrbRelease& release) {
    GYRE_TRY_ASSIGN(const auto count,
                    database.value<std::int64_t>("SELECT COUNT(*) FROM orb_releases WHERE name = ?", release.name));
    if (count.value_or(0) >= most_orb_releases) {
        return too_large(release.name + " has " + std::to_string(most_orb_releases) + " versions; more are not kept");
    }
    if (count.value_or(0) > 0) return {};
    GYRE_TRY_ASSIGN(const auto orbs, database.value<std::int64_t>("SELECT COUNT(DISTINCT name) FROM orb_releases"));
    if (orbs.value_or(0) >= most_orbs) {
        return too_large("this server has " + std::to_string(most_orbs) + " orbs; more are not kept");
    }
    return {};
}

Result<PublishedOrb> put(Database& database, const OrbRelease& release, const std::string& source) {
    GYRE_TRY(database.run("DELETE FROM orb_releases WHERE expires_at <= ?", release.published_at));
    GYRE_TRY_ASSIGN(const auto known,
                    database.value<std::string>("SELECT sha256 FROM orb_releases WHERE name = ? AND version = ?",
                                                release.name, release.version));
    if (known && !is_dev_version(release.version)) {
        if (*known == release.sha256) return PublishedOrb::same;
        return conflict(release.name + "@" + release.version +
                        " is published already, with another text: a version never changes; publish a new one");
    }
    if (!known) GYRE_TRY(check_room(database, release));
    GYRE_TRY(database.run(put_release, release.name, release.version, release.sha256, release.published_by,
                          release.published_at, release.expires_at, source, place_of(release.version)));
    return known ? PublishedOrb::replaced : PublishedOrb::stored;
}

}  // namespace

Result<PublishedOrb> SqlOrbStore::publish(OrbRelease release, const std::string& source) {
    if (source.size() > longest_orb_source) {
        return too_large("the text of an orb may have " + std::to_string(longest_orb_source) + " bytes, this one has " +
                         std::to_string(source.size()));
    }
    release.sha256 = sha256_hex(source);
    return connections_.write([&](Database& database) { return put(database, release, source); });
}

Result<std::vector<std::string>> SqlOrbStore::names(const OrbQuery& query) {
    return connections_.read([&](Database& database) -> Result<std::vector<std::string>> {
        std::vector<std::string> names;
        const auto read = [&](const Row& row) { return row.into(names.emplace_back()); };
        GYRE_TRY(database.each(list_names, read, query.after, query.contains, query.contains, query.limit));
        return names;
    });
}

Result<std::vector<ListedOrb>> SqlOrbStore::list(const OrbQuery& query, Timestamp now) {
    return connections_.read([&](Database& database) -> Result<std::vector<ListedOrb>> {
        std::vector<ListedOrb> orbs;
        const auto read = [&](const Row& row) {
            auto& [newest, releases] = orbs.emplace_back();
            return row.into(newest.name, newest.version, newest.sha256, newest.published_by, newest.published_at,
                            newest.expires_at, releases);
        };
        GYRE_TRY(database.each(queries::listed_orbs, read, query.after, now, query.contains, query.contains,
                               std::max(query.limit, 0), now));
        return orbs;
    });
}

Result<std::vector<OrbRelease>> SqlOrbStore::releases(const std::string& name) {
    return connections_.read([&](Database& database) { return read_releases(database, find_releases, name); });
}

Result<std::string> SqlOrbStore::source(const std::string& name, const std::string& version) {
    return connections_.read([&](Database& database) -> Result<std::string> {
        GYRE_TRY_ASSIGN(auto source,
                        database.value<std::string>("SELECT source FROM orb_releases WHERE name = ? AND version = ?",
                                                    name, version));
        if (!source) return no_release(name, version);
        return std::move(*source);
    });
}

Result<void> SqlOrbStore::remove(const std::string& name, const std::string& version) {
    return connections_.write([&](Database& database) -> Result<void> {
        GYRE_TRY_ASSIGN(const auto removed,
                        database.run("DELETE FROM orb_releases WHERE name = ? AND version = ?", name, version));
        if (removed == 0) return no_release(name, version);
        return {};
    });
}

}  // namespace gyre::sql
