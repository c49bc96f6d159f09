#include "apps/gyre/text_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace gyre::apps {
namespace {

class TextFileTest : public testing::Test {
protected:
    void SetUp() override {
        char pattern[] = "/tmp/gyre-text-file-test.XXXXXX";
        root_ = mkdtemp(pattern);
    }
    void TearDown() override { std::filesystem::remove_all(root_); }
    std::string file(const std::string& text) const {
        std::ofstream(root_ + "/file") << text;
        return root_ + "/file";
    }
    std::string pipe() const {
        mkfifo((root_ + "/pipe").c_str(), 0600);
        return root_ + "/pipe";
    }

    std::string root_;
};

TEST_F(TextFileTest, is_read_whole_within_its_limit) {
    EXPECT_EQ(*read_text_file(file("one\ntwo\n"), 8), "one\ntwo\n");
    EXPECT_EQ(*read_text_file(file(""), 8), "");
    const auto refused = read_text_file(file("one\ntwo\n"), 7);
    EXPECT_EQ(refused.error().fault, Fault::too_large);
    EXPECT_EQ(refused.error().message, root_ + "/file has more than 7 bytes");
}

TEST_F(TextFileTest, that_is_no_file_is_refused_at_once) {
    const std::pair<std::string, const char*> cases[] = {
        {root_, "a directory"}, {"/dev/zero", "a device"}, {pipe(), "a pipe"}};
    for (const auto& [path, kind] : cases) {
        const auto refused = read_text_file(path, 100);
        ASSERT_FALSE(refused.ok()) << path;
        EXPECT_EQ(refused.error().fault, Fault::invalid);
        EXPECT_EQ(refused.error().message, "cannot read " + path + ": it is " + kind + ", not a file");
    }
    EXPECT_EQ(read_text_file(root_ + "/none", 100).error().fault, Fault::not_found);
    EXPECT_EQ(read_text_file(file("x") + "/none", 100).error().fault, Fault::not_found);
}

// The writer fills the pipe's buffer before anybody reads, so nothing here waits.
TEST_F(TextFileTest, may_be_a_pipe_where_that_is_wanted) {
    const std::string path = pipe();
    EXPECT_EQ(*read_beginning(path, 100, Pipes::read), "") << "nobody writes";
    int ends[2];
    ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    ASSERT_EQ(::write(ends[1], "version: 2", 10), 10);
    ::close(ends[1]);
    const std::string unnamed = "/dev/fd/" + std::to_string(ends[0]);
    EXPECT_FALSE(read_text_file(unnamed, 100).ok());
    EXPECT_EQ(*read_beginning(unnamed, 7, Pipes::read), "version");
    EXPECT_EQ(*read_beginning(unnamed, 100, Pipes::read), ": 2");
    ::close(ends[0]);
    EXPECT_FALSE(read_beginning("/dev/zero", 100, Pipes::read).ok());
}

TEST_F(TextFileTest, gives_its_first_line_alone) {
    EXPECT_EQ(*read_first_line(file("token\nmore"), 100), "token");
    EXPECT_EQ(*read_first_line(file("token"), 100), "token");
    EXPECT_EQ(read_first_line("/dev/zero", 100).error().fault, Fault::too_large);
    EXPECT_FALSE(read_first_line(root_, 100).ok());
}

}  // namespace
}  // namespace gyre::apps
