#include "adapters/memory/orb_store.h"

#include "base/digest.h"

namespace gyre::memory {
namespace {

Error no_release(const std::string& name, const std::string& version) {
    return not_found("there is no " + name + "@" + version);
}

void drop_expired(State& state, Timestamp now) {
    for (auto& [name, releases] : state.orbs) {
        std::erase_if(releases, [&](const auto& one) {
            return one.second.release.expires_at && *one.second.release.expires_at <= now;
        });
    }
    std::erase_if(state.orbs, [](const auto& one) { return one.second.empty(); });
}

Result<PublishedOrb> put(State& state, OrbRelease release, const std::string& source) {
    drop_expired(state, release.published_at);
    const auto found = state.orbs.find(release.name);
    const bool known = found != state.orbs.end() && found->second.contains(release.version);
    if (known && !is_dev_version(release.version)) {
        if (found->second.at(release.version).source == source) return PublishedOrb::same;
        return conflict(release.name + "@" + release.version + " is published already, with another text");
    }
    if (found == state.orbs.end() && state.orbs.size() >= most_orbs) return too_large("there are too many orbs");
    if (!known && found != state.orbs.end() && found->second.size() >= most_orb_releases)
        return too_large(release.name + " has too many versions");
    state.orbs[release.name][release.version] = {release, source};
    return known ? PublishedOrb::replaced : PublishedOrb::stored;
}

std::vector<std::string> names_in(const State& state, const OrbQuery& query) {
    std::vector<std::string> names;
    for (const auto& [name, releases] : state.orbs) {
        if (name <= query.after || name.find(query.contains) == std::string::npos) continue;
        if (names.size() < static_cast<std::size_t>(query.limit)) names.push_back(name);
    }
    return names;
}

}  // namespace

Result<PublishedOrb> MemoryOrbStore::publish(OrbRelease release, const std::string& source) {
    return trouble_.around("orb_store.publish", [&]() -> Result<PublishedOrb> {
        if (source.size() > longest_orb_source) return too_large("the text is too long");
        release.sha256 = sha256_hex(source);
        return put(*state_.lock(), release, source);
    });
}

Result<std::vector<std::string>> MemoryOrbStore::names(const OrbQuery& query) {
    return trouble_.around("orb_store.names",
                           [&]() -> Result<std::vector<std::string>> { return names_in(*state_.lock(), query); });
}

Result<std::vector<ListedOrb>> MemoryOrbStore::list(const OrbQuery& query, Timestamp now) {
    return trouble_.around("orb_store.list", [&]() -> Result<std::vector<ListedOrb>> {
        auto state = state_.lock();
        std::vector<ListedOrb> orbs;
        for (const std::string& name : names_in(*state, {query.contains, query.after, most_orbs})) {
            std::vector<OrbRelease> releases;
            for (const auto& [version, one] : state->orbs.at(name)) releases.push_back(one.release);
            releases = sorted_releases(std::move(releases), now);
            if (!releases.empty() && std::ssize(orbs) < query.limit)
                orbs.push_back({releases.front(), static_cast<int>(releases.size())});
        }
        return orbs;
    });
}

Result<std::vector<OrbRelease>> MemoryOrbStore::releases(const std::string& name) {
    return trouble_.around("orb_store.releases", [&]() -> Result<std::vector<OrbRelease>> {
        auto state = state_.lock();
        std::vector<OrbRelease> releases;
        for (const auto& [version, one] : state->orbs[name]) releases.push_back(one.release);
        if (releases.empty()) state->orbs.erase(name);
        return releases;
    });
}

Result<std::string> MemoryOrbStore::source(const std::string& name, const std::string& version) {
    return trouble_.around("orb_store.source", [&]() -> Result<std::string> {
        auto state = state_.lock();
        const auto found = state->orbs.find(name);
        if (found == state->orbs.end() || !found->second.contains(version)) return no_release(name, version);
        return found->second.at(version).source;
    });
}

Result<void> MemoryOrbStore::remove(const std::string& name, const std::string& version) {
    return trouble_.around("orb_store.remove", [&]() -> Result<void> {
        auto state = state_.lock();
        const auto found = state->orbs.find(name);
        if (found == state->orbs.end() || found->second.erase(version) == 0) return no_release(name, version);
        if (found->second.empty()) state->orbs.erase(found);
        return {};
    });
}

}  // namespace gyre::memory
