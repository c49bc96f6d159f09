// Tables of names stay quick whatever the names are.

#include "config/text_hash.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace gyre::config {
namespace {

TEST(TextHash, is_the_same_for_the_same_text) {
    const std::string text = "a name of a job";
    EXPECT_EQ(TextHash()(text), TextHash()(std::string(text)));
    EXPECT_EQ(TextHash()(""), TextHash()(std::string_view()));
}

TEST(TextHash, differs_where_texts_do) {
    std::set<std::size_t> hashes;
    std::size_t texts = 0;
    for (int number = 0; number < 10'000; ++number, ++texts)
        hashes.insert(TextHash()("name-" + std::to_string(number)));
    for (std::size_t size = 0; size < 40; ++size, ++texts) hashes.insert(TextHash()(std::string(size, '\0')));
    EXPECT_EQ(hashes.size(), texts);
}

// Half of the bits, as far as a table looks at them: a text cannot choose its place by its last letter.
TEST(TextHash, spreads_over_the_low_bits) {
    std::set<std::size_t> places;
    for (int number = 0; number < 4'096; ++number)
        places.insert(TextHash()(std::to_string(number) + "-of-a-long-name") % 4'096);
    EXPECT_GT(places.size(), 2'300U) << "by chance alone 2,589 are expected";
}

}  // namespace
}  // namespace gyre::config
