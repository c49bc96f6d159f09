#include "identity/key_ring.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>

namespace gyre::identity {
namespace {

using testing::HasSubstr;
using testing::Not;

const std::string first_key(64, 'a');
const std::string second_key(64, 'b');

KeyRing ring(const std::string& text) { return KeyRing::parse(text).value(); }

TEST(KeyRing, opens_what_it_sealed) {
    const auto keys = ring(first_key);
    for (const std::string& value :
         {std::string(), std::string("s3cr3t"), std::string("a\0b", 3), std::string(40'000, 'x')})
        EXPECT_EQ(keys.open(*keys.seal(value, "place"), "place").value(), value) << value.size();
}

TEST(KeyRing, seals_the_same_value_differently_each_time_and_shows_nothing_of_it) {
    const auto keys = ring(first_key);
    const auto sealed = *keys.seal("s3cr3t", "place");
    EXPECT_NE(sealed, *keys.seal("s3cr3t", "place"));
    EXPECT_THAT(sealed, Not(HasSubstr("s3cr3t")));
    EXPECT_THAT(sealed, Not(HasSubstr("733363723374"))) << "in hexadecimal";
}

TEST(KeyRing, opens_nothing_in_anothers_place) {
    const auto keys = ring(first_key);
    EXPECT_EQ(keys.open(*keys.seal("s3cr3t", "project\nshop\nA"), "project\nshop\nB").error().fault, Fault::corrupt);
}

TEST(KeyRing, finds_every_changed_character) {
    const auto keys = ring(first_key);
    const auto sealed = *keys.seal("s3cr3t", "place");
    for (std::size_t at = 0; at < sealed.size(); ++at) {
        auto changed = sealed;
        changed[at] = changed[at] == '0' ? '1' : '0';
        const auto opened = keys.open(changed, "place");
        ASSERT_FALSE(opened.ok()) << at;
        EXPECT_TRUE(opened.error().fault == Fault::corrupt || opened.error().fault == Fault::unavailable) << at;
    }
}

TEST(KeyRing, refuses_what_nobody_sealed) {
    const auto keys = ring(first_key);
    const auto sealed = *keys.seal("s3cr3t", "place");
    for (const std::string& bad :
         {std::string(), std::string("s3cr3t"), std::string("1."), std::string("1..") + std::string(80, '0'),
          sealed.substr(0, sealed.size() - 1), sealed.substr(0, sealed.size() - 2), sealed + "00", sealed + "\n",
          sealed.substr(0, 19), "2" + sealed.substr(1), sealed.substr(0, 19) + std::string(54, 'f'),
          std::string(10'000, '.')})
        EXPECT_EQ(keys.open(bad, "place").error().fault, Fault::corrupt) << bad;
}

TEST(KeyRing, seals_with_the_first_key_and_opens_with_all) {
    const auto before = *ring(first_key).seal("s3cr3t", "place");
    const auto both = ring("# newest first\n\n" + second_key + "\n" + first_key + "\n");
    EXPECT_EQ(both.open(before, "place").value(), "s3cr3t");
    const auto after = *both.seal("s3cr3t", "place");
    EXPECT_EQ(ring(second_key).open(after, "place").value(), "s3cr3t");
    const auto refused = ring(first_key).open(after, "place");
    EXPECT_EQ(refused.error().fault, Fault::unavailable);
    EXPECT_THAT(refused.error().message, HasSubstr(both.newest()));
    EXPECT_TRUE(both.has(ring(first_key).newest()));
    EXPECT_FALSE(ring(first_key).has(both.newest()));
}

TEST(KeyRing, refuses_files_that_hold_no_keys_and_says_nothing_of_what_they_hold) {
    for (const std::string& bad : {std::string(), std::string("\n\n"), std::string("# a key\n"), std::string(63, 'a'),
                                   std::string(65, 'a'), std::string(64, 'A'), std::string(64, 'g'), first_key + "\r\n",
                                   " " + first_key, first_key + "\nhunter2\n", std::string(64, '\0')}) {
        const auto refused = KeyRing::parse(bad);
        ASSERT_FALSE(refused.ok()) << bad;
        EXPECT_EQ(refused.error().fault, Fault::invalid);
        EXPECT_THAT(refused.error().message, Not(HasSubstr("hunter2")));
        EXPECT_THAT(refused.error().message, Not(HasSubstr("aaaa")));
    }
    EXPECT_THAT(KeyRing::parse(first_key + "\nhunter2\n").error().message, HasSubstr("line 2"));
}

TEST(KeyRing, has_at_most_sixteen_keys) {
    std::string file;
    for (int i = 0; i < 16; ++i) file += new_key_line();
    EXPECT_TRUE(KeyRing::parse(file).ok());
    EXPECT_EQ(KeyRing::parse(file + new_key_line()).error().fault, Fault::invalid);
}

TEST(KeyRing, says_that_it_cannot_where_openssl_is_without_the_cipher) {
    const auto keys = ring(first_key);
    const auto sealed = *keys.seal("s3cr3t", "place");
    ASSERT_EQ(EVP_set_default_properties(nullptr, "provider=none"), 1);
    const auto not_sealed = keys.seal("s3cr3t", "place");
    const auto not_opened = keys.open(sealed, "place");
    ASSERT_EQ(EVP_set_default_properties(nullptr, ""), 1);
    ASSERT_FALSE(not_sealed.ok());
    EXPECT_EQ(not_sealed.error().fault, Fault::unavailable);
    ASSERT_FALSE(not_opened.ok());
    EXPECT_EQ(not_opened.error().fault, Fault::unavailable);
    EXPECT_EQ(keys.open(sealed, "place").value(), "s3cr3t");
}

}  // namespace
}  // namespace gyre::identity
