#include <gtest/gtest.h>

#include <set>

#include "base/clock.h"
#include "base/derived_uuid.h"
#include "base/digest.h"
#include "base/random.h"
#include "base/result.h"
#include "base/utf8.h"

namespace gyre {
namespace {

Result<int> half(int number) {
    if (number % 2 != 0) return invalid("odd");
    return number / 2;
}

Result<int> quarter(int number) {
    GYRE_TRY_ASSIGN(const int once, half(number));
    return half(once);
}

TEST(Result, carries_a_value_or_the_first_error) {
    EXPECT_EQ(quarter(8).value(), 2);
    EXPECT_EQ(quarter(6).error().message, "odd");
    EXPECT_EQ(quarter(6).error().during("halving").message, "halving: odd");
}

TEST(Clock, writes_and_reads_iso_times) {
    EXPECT_EQ(to_iso(from_millis(1700000000123)), "2023-11-14T22:13:20.123Z");
    EXPECT_EQ(to_millis(from_iso("2023-11-14T22:13:20.123Z").value()), 1700000000123);
    EXPECT_EQ(to_millis(from_iso("2023-11-14T22:13:20Z").value()), 1700000000000);
    for (const char* wrong : {"", "2023", "2023-11-14T22:13:20", "2023-11-14T22:13:20.1Zx", "now"}) {
        EXPECT_FALSE(from_iso(wrong).ok()) << wrong;
    }
}

TEST(Random, never_repeats) {
    std::set<std::string> seen;
    for (int i = 0; i < 1000; ++i) EXPECT_TRUE(seen.insert(random_uuid()).second);
    EXPECT_EQ(random_token(16).size(), 32U);
}

TEST(DerivedUuid, is_the_same_for_the_same_seed) {
    EXPECT_EQ(derived_uuid("a"), derived_uuid("a"));
    EXPECT_NE(derived_uuid("a"), derived_uuid("b"));
    EXPECT_EQ(derived_uuid(""), "e3b0c442-98fc-8c14-8afb-f4c8996fb924");
}

TEST(Utf8, escapes_what_is_none_so_that_names_stay_apart) {
    EXPECT_EQ(escaped_utf8("caf\xe9"), "caf\\xe9");
    EXPECT_NE(escaped_utf8("caf\xe9"), escaped_utf8("caf\xe8"));
    EXPECT_EQ(escaped_utf8("\xc3\xa4 \xed\xa0\x80"), "\xc3\xa4 \\xed\\xa0\\x80");
}

TEST(Digest, signs_as_the_published_vectors) {
    EXPECT_EQ(to_hex(hmac_sha256("Jefe", "what do ya want for nothing?")),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");  // RFC 4231, case 2
    EXPECT_EQ(to_hex(hmac_sha256(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First")),
              "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");  // case 6
}

TEST(Digest, agrees_with_the_published_vector) {
    EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(to_base64("ab"), "YWI=");
    EXPECT_TRUE(equal_in_constant_time("same", "same"));
    EXPECT_FALSE(equal_in_constant_time("same", "sama"));
    EXPECT_FALSE(equal_in_constant_time("same", "samex"));
}

}  // namespace
}  // namespace gyre
