#pragma once

// What sqlite's and postgres' tests expect of an installation's record.

#include <gtest/gtest.h>

#include "adapters/sql/stores.h"

namespace gyre::sql {

inline void expect_one_installation(Stores& stores) {
    auto& record = stores.installation();
    EXPECT_EQ(*record.find(), std::nullopt);
    EXPECT_EQ(record.note_objects().error().fault, Fault::not_found);
    EXPECT_EQ(record.mark_objects([](const auto&) { return Result<void>(); }).error().fault, Fault::not_found);
    EXPECT_EQ(record.agree_on_key("k1").error().fault, Fault::not_found);
    EXPECT_EQ(*record.begin("one"), (KnownInstallation{"one", false, ""}));
    EXPECT_EQ(record.begin("two")->id, "one") << "it has an id already";
    EXPECT_EQ(record.mark_objects([](const auto&) { return unavailable("away"); }).error().message, "away");
    EXPECT_EQ(*record.find(), (KnownInstallation{"one", false, ""})) << "none was put";
    KnownInstallation told;
    ASSERT_TRUE(record.mark_objects([&](const auto& known) { return told = known, Result<void>(); }).ok());
    EXPECT_EQ(told, (KnownInstallation{"one", false, ""}));
    EXPECT_TRUE((*record.find())->has_objects);
    ASSERT_TRUE(record.note_objects().ok());
    EXPECT_EQ(*record.agree_on_key("k1"), "k1");
    EXPECT_EQ(*record.agree_on_key("k2"), "k1") << "another server was first";
    EXPECT_EQ(*record.find(), (KnownInstallation{"one", true, "k1"}));
    EXPECT_FALSE(*record.change_key("k2", "k3")) << "another server was faster";
    EXPECT_TRUE(*record.change_key("k1", "k2"));
    EXPECT_EQ(*record.find(), (KnownInstallation{"one", true, "k2"}));
}

}  // namespace gyre::sql
