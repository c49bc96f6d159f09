#include "model/chunk_list.h"

#include <gtest/gtest.h>

namespace gyre {
namespace {

const std::string a(64, 'a');
const std::string b(64, 'b');

TEST(ChunkList, is_read_as_it_was_written) {
    const ChunkList chunks{{a, 100, 4096}, {b, 1, 1}, {a, 100, 4096}};
    const auto text = write_chunk_list(chunks);
    EXPECT_EQ("gyre-chunks 1\n" + a + " 100 4096\n" + b + " 1 1\n" + a + " 100 4096\n", text);
    EXPECT_TRUE(is_chunk_list(text));
    EXPECT_EQ(chunks, *read_chunk_list(text));
    EXPECT_EQ(ChunkList{}, *read_chunk_list(write_chunk_list({})));
}

TEST(ChunkList, counts_a_chunk_once) { EXPECT_EQ(101, stored_bytes({{a, 100, 4096}, {b, 1, 1}, {a, 100, 4096}})); }

TEST(ChunkList, is_told_from_what_earlier_versions_stored) {
    EXPECT_FALSE(is_chunk_list("\x28\xb5\x2f\xfd and so on"));
    EXPECT_FALSE(is_chunk_list(""));
    EXPECT_FALSE(is_chunk_list("gyre-chunks 2\n"));
}

TEST(ChunkList, believes_no_line_that_cannot_be) {
    for (const std::string& line : {a,
                                    a + "\n",
                                    a + " 1\n",
                                    a + " 1 1",
                                    a + " 1 1 1\n",
                                    a + " -1 1\n",
                                    a + " 1 -1\n",
                                    a + " 0 1\n",
                                    a + " 1 0\n",
                                    a + "  1 1\n",
                                    a + " 1 4194305\n",
                                    a + " 99999999 1\n",
                                    a + " 99999999999999999999 1\n",
                                    a + " 0x1 1\n",
                                    std::string(64, 'A') + " 1 1\n",
                                    std::string(63, 'a') + " 1 1\n",
                                    std::string("\n"),
                                    a + " 1 1\r\n",
                                    std::string(64, '\0') + " 1 1\n",
                                    std::string("../") + std::string(61, 'a') + " 1 1\n"}) {
        const auto read = read_chunk_list("gyre-chunks 1\n" + b + " 1 1\n" + line);
        ASSERT_FALSE(read.ok()) << line;
        EXPECT_EQ("line 3 of a list of chunks cannot be right", read.error().message);
    }
}

TEST(ChunkList, has_a_limit) {
    std::string text = "gyre-chunks 1\n";
    for (std::size_t i = 0; i <= most_chunks; ++i) text += a + " 1 1\n";
    EXPECT_EQ(Fault::too_large, read_chunk_list(text).error().fault);
}

}  // namespace
}  // namespace gyre
