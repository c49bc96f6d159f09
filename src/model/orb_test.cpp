#include "model/orb.h"

#include <gtest/gtest.h>

namespace gyre {
namespace {

const Timestamp now = from_millis(1'700'000'000'000);

std::vector<OrbRelease> tools() {
    std::vector<OrbRelease> releases;
    for (const char* version : {"1.9.0", "dev:b", "1.10.0", "dev:a", "0.9.9", "2.0.0", "dev:old"}) {
        releases.push_back({.name = "acme/tools", .version = version, .sha256 = std::string("sha of ") + version});
    }
    releases.back().expires_at = now;
    return releases;
}

std::string chosen(std::string_view asked) {
    const auto release = choose_release("acme/tools", asked, tools(), now);
    return release ? release->version : release.error().message;
}

TEST(Orb, is_meant_by_a_version_a_part_of_one_or_a_label) {
    EXPECT_EQ(chosen("1"), "1.10.0");
    EXPECT_EQ(chosen("1.9"), "1.9.0");
    EXPECT_EQ(chosen("1.9.0"), "1.9.0");
    EXPECT_EQ(chosen("volatile"), "2.0.0");
    EXPECT_EQ(chosen("dev:a"), "dev:a");
}

TEST(Orb, that_is_not_there_is_told_with_those_that_are) {
    const std::string there = "; it has 2.0.0, 1.10.0, 1.9.0, 0.9.9, dev:a and dev:b";
    EXPECT_EQ(chosen("3"), "the server has no version '3' of acme/tools" + there);
    EXPECT_EQ(chosen("dev:old"),
              "the server has no version 'dev:old' of acme/tools, which expired on 2023-11-14" + there);
    EXPECT_EQ(choose_release("acme/none", "1", {}, now).error().message, "the server has no orb 'acme/none'");
    const std::vector<OrbRelease> gone{tools().back()};
    EXPECT_EQ(choose_release("acme/tools", "volatile", gone, now).error().message,
              "the server has no version 'volatile' of acme/tools; all of its versions have expired");
    EXPECT_EQ(choose_release("acme/tools", "x", tools(), now).error().fault, Fault::invalid);
    std::vector<OrbRelease> many(13, tools().front());
    EXPECT_TRUE(choose_release("acme/tools", "9", many, now).error().message.ends_with("1.9.0 and 3 more"));
}

TEST(Orb, has_a_name_of_two_parts) {
    for (const char* right : {"acme/tools", "a/b", "acme-2/my_tools", "0/1"})
        EXPECT_TRUE(check_orb_name(right)) << right;
    const std::string longest(longest_orb_name, 'a');
    EXPECT_TRUE(check_orb_name(longest + "/" + longest));
    for (const std::string& wrong :
         {std::string(), std::string("acme"), std::string("/"), std::string("a/"), std::string("/b"),
          std::string("a/b/c"), std::string("../b"), std::string("a/.."), std::string("a/-b"), std::string("a b/c"),
          std::string("a/b@1"), std::string("a/b\n"), std::string("a/b\0c", 5), longest + "a/b",
          "b/" + longest + "a"}) {
        EXPECT_FALSE(check_orb_name(wrong)) << wrong;
    }
}

TEST(Orb, is_published_with_a_full_version_or_a_label) {
    for (const char* right : {"1.2.3", "0.0.0", "dev:first", "dev:a.b-c_d"}) EXPECT_TRUE(check_orb_release(right));
    for (const char* wrong :
         {"", "1", "1.2", "volatile", "dev:", "dev:.x", "dev:a/b", "v1.2.3", "1.2.3-rc", "latest"}) {
        EXPECT_FALSE(check_orb_release(wrong)) << wrong;
    }
}

}  // namespace
}  // namespace gyre
