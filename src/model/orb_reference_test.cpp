#include "model/orb_reference.h"

#include <gtest/gtest.h>

namespace gyre {
namespace {

TEST(OrbReference, is_a_name_and_a_version_that_a_config_may_ask_for) {
    for (const char* version : {"1.2.3", "1.2", "1", "volatile", "dev:my-branch"}) {
        const auto reference = parse_orb_reference(std::string("acme/tools@") + version);
        ASSERT_TRUE(reference) << version;
        EXPECT_EQ(*reference, (OrbReference{"acme/tools", version}));
    }
    for (const char* wrong : {"", "@", "acme/tools", "acme/tools@", "acme/tools@banana", "acme@1", "@1.2.3",
                              "acme/tools@1@2", "acme/tools@dev:", "acme/tools @1", "acme/tools@1 "}) {
        const auto reference = parse_orb_reference(wrong);
        ASSERT_FALSE(reference) << wrong;
        EXPECT_EQ(reference.error().fault, Fault::invalid) << wrong;
    }
}

TEST(OrbReference, of_a_release_has_the_whole_version_or_a_label) {
    EXPECT_EQ(*parse_release_reference("acme/tools@1.2.3"), (OrbReference{"acme/tools", "1.2.3"}));
    EXPECT_EQ(*parse_release_reference("acme/tools@dev:x"), (OrbReference{"acme/tools", "dev:x"}));
    for (const char* wrong : {"acme/tools@1", "acme/tools@volatile", "acme/tools@dev:", "acme@1.2.3"})
        EXPECT_FALSE(parse_release_reference(wrong)) << wrong;
    EXPECT_EQ(parse_release_reference("acme/tools").error().message,
              "'acme/tools' has no version; write acme/tools@1.0.0, or acme/tools@dev:label");
}

}  // namespace
}  // namespace gyre
