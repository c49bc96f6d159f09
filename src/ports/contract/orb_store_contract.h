#pragma once

// The promises of ports/orb_store.h.

#include <algorithm>

#include "base/digest.h"
#include "ports/contract/examples.h"
#include "ports/orb_store.h"

namespace gyre::contract {

template <typename World>
class OrbStoreContract : public StoresContract<World> {
protected:
    OrbStore& orbs() { return this->world_.stores.orb_store(); }
    static OrbRelease release(const std::string& name, const std::string& version, Timestamp when = at(1)) {
        OrbRelease made{.name = name, .version = version, .published_by = "ann", .published_at = when};
        if (is_dev_version(version)) made.expires_at = when + dev_orb_life;
        return made;
    }
    Result<PublishedOrb> publish(const std::string& name, const std::string& version, const std::string& source,
                                 Timestamp when = at(1)) {
        return orbs().publish(release(name, version, when), source);
    }
    std::vector<std::string> versions(const std::string& name) {
        std::vector<std::string> found;
        const auto releases = orbs().releases(name);
        for (const auto& one : *releases) found.push_back(one.version);
        std::sort(found.begin(), found.end());
        return found;
    }
};
TYPED_TEST_SUITE_P(OrbStoreContract);

TYPED_TEST_P(OrbStoreContract, AReleaseIsFoundAsItWasPublished) {
    EXPECT_TRUE(this->orbs().releases("acme/tools")->empty());
    const std::string source("version: 2.1\n# \0 \xc3\xa9\n", 19);
    EXPECT_EQ(*this->publish("acme/tools", "1.2.3", source), PublishedOrb::stored);
    auto expected = this->release("acme/tools", "1.2.3");
    expected.sha256 = sha256_hex(source);
    EXPECT_EQ(*this->orbs().releases("acme/tools"), std::vector<OrbRelease>{expected});
    EXPECT_EQ(*this->orbs().source("acme/tools", "1.2.3"), source);
    expect_fault(this->orbs().source("acme/tools", "1.2.4"), Fault::not_found);
    expect_fault(this->orbs().source("acme/other", "1.2.3"), Fault::not_found);
}

TYPED_TEST_P(OrbStoreContract, AVersionNeverChanges) {
    EXPECT_TRUE(this->publish("acme/tools", "1.2.3", "a").ok());
    EXPECT_EQ(*this->publish("acme/tools", "1.2.3", "a", at(2)), PublishedOrb::same);
    expect_fault(this->publish("acme/tools", "1.2.3", "b", at(2)), Fault::conflict);
    EXPECT_EQ(*this->orbs().source("acme/tools", "1.2.3"), "a");
    EXPECT_EQ(this->orbs().releases("acme/tools")->front().published_at, at(1));
    EXPECT_EQ(*this->publish("acme/tools", "1.2.4", "b"), PublishedOrb::stored);
}

TYPED_TEST_P(OrbStoreContract, ADevVersionIsReplacedAndLivesOn) {
    EXPECT_EQ(*this->publish("acme/tools", "dev:x", "a"), PublishedOrb::stored);
    EXPECT_EQ(*this->publish("acme/tools", "dev:x", "b", at(2)), PublishedOrb::replaced);
    EXPECT_EQ(*this->orbs().source("acme/tools", "dev:x"), "b");
    EXPECT_EQ(*this->publish("acme/tools", "dev:x", "b", at(3)), PublishedOrb::replaced) << "it lives longer";
    const auto releases = *this->orbs().releases("acme/tools");
    ASSERT_EQ(releases.size(), 1U);
    EXPECT_EQ(releases[0].expires_at, at(3) + dev_orb_life);
}

TYPED_TEST_P(OrbStoreContract, WhatExpiredIsDroppedWhenSomethingIsPublished) {
    EXPECT_TRUE(this->publish("acme/tools", "dev:x", "a").ok());
    EXPECT_TRUE(this->publish("acme/gone", "dev:x", "a").ok());
    EXPECT_TRUE(this->publish("acme/tools", "1.0.0", "a").ok());
    EXPECT_TRUE(this->publish("acme/tools", "dev:y", "a", at(2)).ok());
    EXPECT_TRUE(this->publish("acme/tools", "1.0.1", "a", at(1) + dev_orb_life).ok());
    EXPECT_EQ(this->versions("acme/tools"), (std::vector<std::string>{"1.0.0", "1.0.1", "dev:y"}));
    EXPECT_TRUE(this->versions("acme/gone").empty());
    EXPECT_EQ(*this->orbs().names({}), std::vector<std::string>{"acme/tools"});
}

TYPED_TEST_P(OrbStoreContract, NamesComeInOrderAndInPages) {
    for (const char* name : {"b/x", "a/xy", "c/z", "a/x"}) EXPECT_TRUE(this->publish(name, "1.0.0", "a").ok());
    EXPECT_TRUE(this->publish("a/x", "2.0.0", "a").ok());
    EXPECT_EQ(*this->orbs().names({}), (std::vector<std::string>{"a/x", "a/xy", "b/x", "c/z"}));
    EXPECT_EQ(*this->orbs().names({.contains = "/x"}), (std::vector<std::string>{"a/x", "a/xy", "b/x"}));
    EXPECT_EQ(*this->orbs().names({.contains = "/x", .after = "a/x", .limit = 1}), std::vector<std::string>{"a/xy"});
    EXPECT_TRUE(this->orbs().names({.contains = "%"})->empty()) << "no pattern";
    EXPECT_TRUE(this->orbs().names({.after = "c/z"})->empty());
}

TYPED_TEST_P(OrbStoreContract, ReleasesComeByTheirOrbsInTheSamePages) {
    for (const char* name : {"b/x", "a/xy", "c/z", "a/x"}) EXPECT_TRUE(this->publish(name, "1.0.0", "a").ok());
    EXPECT_TRUE(this->publish("a/x", "2.0.0", "b").ok());
    EXPECT_TRUE(this->publish("b/x", "dev:x", "b", at(-1)).ok());
    const auto names_of = [&](const OrbQuery& query) {
        std::vector<std::string> names;
        const auto releases = this->orbs().releases_of(query);
        for (const auto& one : *releases) names.push_back(one.name);
        return names;
    };
    EXPECT_EQ(names_of({}), (std::vector<std::string>{"a/x", "a/x", "a/xy", "b/x", "b/x", "c/z"}));
    EXPECT_EQ(names_of({.contains = "/x", .after = "a/x", .limit = 2}),
              (std::vector<std::string>{"a/xy", "b/x", "b/x"}));
    EXPECT_TRUE(names_of({.contains = "%"}).empty());
    EXPECT_EQ(*this->orbs().releases_of({.after = "b/x"}), *this->orbs().releases("c/z"));
}

TYPED_TEST_P(OrbStoreContract, AReleaseCanBeRemoved) {
    EXPECT_TRUE(this->publish("acme/tools", "dev:x", "a").ok());
    EXPECT_TRUE(this->publish("acme/tools", "1.0.0", "a").ok());
    EXPECT_TRUE(this->orbs().remove("acme/tools", "dev:x").ok());
    EXPECT_EQ(this->versions("acme/tools"), std::vector<std::string>{"1.0.0"});
    expect_fault(this->orbs().remove("acme/tools", "dev:x"), Fault::not_found);
}

TYPED_TEST_P(OrbStoreContract, ThereIsNoRoomWithoutEnd) {
    EXPECT_EQ(*this->publish("a/x", "1.0.0", std::string(longest_orb_source, 'a')), PublishedOrb::stored);
    expect_fault(this->publish("a/x", "1.0.1", std::string(longest_orb_source + 1, 'a')), Fault::too_large);
    for (int patch = 1; patch < most_orb_releases; ++patch) {
        ASSERT_TRUE(this->publish("a/x", "1.0." + std::to_string(patch), "a").ok());
    }
    expect_fault(this->publish("a/x", "2.0.0", "a"), Fault::too_large);
    EXPECT_EQ(*this->publish("a/x", "1.0.1", "a"), PublishedOrb::same) << "it needs no room";
}

REGISTER_TYPED_TEST_SUITE_P(OrbStoreContract, AReleaseIsFoundAsItWasPublished, AVersionNeverChanges,
                            ADevVersionIsReplacedAndLivesOn, WhatExpiredIsDroppedWhenSomethingIsPublished,
                            NamesComeInOrderAndInPages, ReleasesComeByTheirOrbsInTheSamePages, AReleaseCanBeRemoved,
                            ThereIsNoRoomWithoutEnd);

}  // namespace gyre::contract
