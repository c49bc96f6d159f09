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

TYPED_TEST_P(OrbStoreContract, AListShowsTheNewestOfEachAndHowManyThereAreInTheSamePages) {
    for (const char* version : {"1.9.0", "dev:x", "1.10.0", "0.200.3", "1.9.12"})
        EXPECT_TRUE(this->publish("a/x", version, "a").ok());
    for (const char* name : {"c/z", "b/xy"}) EXPECT_TRUE(this->publish(name, "999999999.0.0", "a").ok());
    for (const char* label : {"dev:old", "dev:new", "dev:young"})
        EXPECT_TRUE(this->publish("b/x", label, label, label == std::string("dev:old") ? at(0) : at(1)).ok());
    const auto listed = [&](const OrbQuery& query, Timestamp now = at(2)) {
        std::vector<std::string> lines;
        const auto orbs = this->orbs().list(query, now);
        for (const auto& one : *orbs)
            lines.push_back(one.newest.name + " " + one.newest.version + " " + std::to_string(one.releases));
        return lines;
    };
    using Lines = std::vector<std::string>;
    EXPECT_EQ(listed({}), (Lines{"a/x 1.10.0 5", "b/x dev:new 3", "b/xy 999999999.0.0 1", "c/z 999999999.0.0 1"}));
    EXPECT_EQ(listed({.contains = "/x", .after = "a/x", .limit = 1}), Lines{"b/x dev:new 3"});
    EXPECT_EQ(listed({.contains = "/x", .limit = 2}, at(1) + dev_orb_life),
              (Lines{"a/x 1.10.0 4", "b/xy 999999999.0.0 1"}))
        << "what has expired is not there";
    EXPECT_EQ(listed({}, at(0) + dev_orb_life).at(1), "b/x dev:new 2");
    EXPECT_TRUE(listed({.contains = "%"}).empty());
    EXPECT_TRUE(listed({.after = "c/z"}).empty());
    const auto newest = this->orbs().list({.after = "b/xy"}, at(2))->front().newest;
    EXPECT_EQ(std::vector{newest}, *this->orbs().releases("c/z"));
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
                            NamesComeInOrderAndInPages, AListShowsTheNewestOfEachAndHowManyThereAreInTheSamePages,
                            AReleaseCanBeRemoved, ThereIsNoRoomWithoutEnd);

}  // namespace gyre::contract
