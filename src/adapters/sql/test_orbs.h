#pragma once

// For the tests of both databases: orbs as they were before migration 0010 gave each release a place.

#include <gtest/gtest.h>

#include "ports/orb_store.h"

namespace gyre::sql {

inline constexpr const char* orbs_before_places =
    "INSERT INTO orb_releases (name, version, sha256, published_by, published_at, expires_at, source) VALUES"
    " ('a/x', '1.9.0', '', '', 0, NULL, ''), ('a/x', '1.10.0', '', '', 0, NULL, ''),"
    " ('a/x', 'dev:a', '', '', 0, 9000000000000, ''), ('b/x', '2.3.9', '', '', 0, NULL, ''),"
    " ('b/x', '2.3.10', '', '', 0, NULL, ''), ('b/x', '0.999999999.1', '', '', 0, NULL, ''),"
    " ('c/x', 'dev:b', '', '', 0, 9000000000000, ''), ('c/x', 'dev:a', '', '', 0, 9000000000000, '')";

// After the migration they stand in their order, also among those that are published then.
inline void expect_orbs_in_order(OrbStore& orbs) {
    const auto newest = [&] {
        std::vector<std::string> versions;
        const auto listed = orbs.list({}, from_millis(1));
        for (const auto& one : *listed) versions.push_back(one.newest.version);
        return versions;
    };
    using Versions = std::vector<std::string>;
    EXPECT_EQ(newest(), (Versions{"1.10.0", "2.3.10", "dev:a"}));
    for (const char* version : {"1.9.1", "1.9.11"})
        EXPECT_TRUE(orbs.publish({.name = "a/x", .version = version}, "").ok());
    for (const char* version : {"2.3.8", "1.4.0", "2.3.11"})
        EXPECT_TRUE(orbs.publish({.name = "b/x", .version = version}, "").ok());
    EXPECT_EQ(newest(), (Versions{"1.10.0", "2.3.11", "dev:a"}));
}

}  // namespace gyre::sql
