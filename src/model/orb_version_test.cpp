#include "model/orb_version.h"

#include <gtest/gtest.h>

namespace gyre {
namespace {

std::string newest_of(std::string_view wanted, const std::vector<OrbVersion>& available) {
    const auto parsed = parse_wanted_orb(wanted);
    EXPECT_TRUE(parsed) << wanted;
    const auto found = newest(std::get<WantedVersion>(*parsed), available);
    return found ? text_of(*found) : "none";
}

TEST(OrbVersion, is_three_numbers) {
    EXPECT_EQ(parse_orb_version("1.2.3"), (OrbVersion{1, 2, 3}));
    EXPECT_EQ(text_of(*parse_orb_version("10.0.999999999")), "10.0.999999999");
    for (const char* wrong : {"", "1", "1.2", "1.2.3.4", "1.2.", ".1.2", "1..2", "v1.2.3", "1.2.3-rc1", "01.2.3",
                              "1.2.-3", "+1.2.3", "1.2.1000000000", "99999999999999999999.0.0", " 1.2.3", "volatile"}) {
        EXPECT_EQ(parse_orb_version(wrong), std::nullopt) << wrong;
    }
}

TEST(OrbVersion, orders_by_numbers_not_by_text) {
    EXPECT_LT((OrbVersion{1, 9, 0}), (OrbVersion{1, 10, 0}));
    EXPECT_LT((OrbVersion{1, 99, 99}), (OrbVersion{2, 0, 0}));
}

TEST(OrbVersion, wanted_by_its_beginning_is_the_newest_that_begins_so) {
    const std::vector<OrbVersion> available{{1, 2, 3}, {1, 10, 0}, {1, 2, 11}, {2, 0, 0}, {1, 2, 3}, {10, 0, 0}};
    EXPECT_EQ(newest_of("1.2.3", available), "1.2.3");
    EXPECT_EQ(newest_of("1.2", available), "1.2.11");
    EXPECT_EQ(newest_of("1", available), "1.10.0");
    EXPECT_EQ(newest_of("volatile", available), "10.0.0");
    EXPECT_EQ(newest_of("1.2.4", available), "none");
    EXPECT_EQ(newest_of("3", available), "none");
    EXPECT_EQ(newest_of("volatile", {}), "none");
}

TEST(OrbVersion, wanted_by_a_label_is_a_development_version) {
    EXPECT_EQ(std::get<WantedLabel>(*parse_wanted_orb("dev:my-branch_1.2")).label, "my-branch_1.2");
    for (const char* wrong :
         {"", "dev:", "dev:a b", "dev:../../etc", "dev:.hidden", "latest", "1.x", "1.2.3.4", "^1"}) {
        const auto parsed = parse_wanted_orb(wrong);
        ASSERT_FALSE(parsed) << wrong;
        EXPECT_NE(parsed.error().message.find("volatile or dev:label"), std::string::npos);
    }
}

}  // namespace
}  // namespace gyre
