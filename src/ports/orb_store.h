#pragma once

// The orbs that a server has: releases with their texts. A version like 1.2.3 never changes once it is published; a dev
// version is replaced by the next one of its label, and is gone some time after it expired. Thread-safe.

#include <string>
#include <vector>

#include "base/result.h"
#include "model/orb.h"

namespace gyre {

struct OrbQuery {
    std::string contains;  // in the name; empty: all
    std::string after;     // names behind this one
    int limit = 100;
};

struct ListedOrb {
    OrbRelease newest;  // the first of its sorted_releases()
    int releases = 0;   // how many of them there are
    bool operator==(const ListedOrb&) const = default;
};

enum class PublishedOrb {
    stored,
    replaced,  // a dev version of that label
    same,      // that version with that text is there already; nothing changed
};

class OrbStore {
public:
    virtual ~OrbStore() = default;

    // `release` has everything but sha256, which is made of `source`. What has expired by its `published_at` is
    // dropped. Errors: conflict (the version is published with another text), too_large (more than
    // most_orbs, most_orb_releases of one orb, or longest_orb_source).
    virtual Result<PublishedOrb> publish(OrbRelease release, const std::string& source) = 0;
    virtual Result<std::vector<std::string>> names(const OrbQuery& query) = 0;  // in their order
    // Likewise, those with a release that has not expired.
    virtual Result<std::vector<ListedOrb>> list(const OrbQuery& query, Timestamp now) = 0;
    // All of one orb, in any order, expired ones too; empty: there is no such orb.
    virtual Result<std::vector<OrbRelease>> releases(const std::string& name) = 0;
    virtual Result<std::string> source(const std::string& name, const std::string& version) = 0;  // or not_found
    virtual Result<void> remove(const std::string& name, const std::string& version) = 0;         // or not_found
};

inline constexpr int most_orbs = 5'000;
inline constexpr int most_orb_releases = 500;  // of one orb

}  // namespace gyre
