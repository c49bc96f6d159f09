#include "base/private_file.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

namespace gyre {
namespace {

class PrivateFiles : public ::testing::Test {
protected:
    void SetUp() override {
        char place[] = "/tmp/gyre-private-XXXXXX";
        ASSERT_NE(::mkdtemp(place), nullptr);
        folder_ = place;
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }
    std::string file(const std::string& text, mode_t mode) {
        const std::string path = folder_ + "/secret";
        std::ofstream(path) << text;
        EXPECT_EQ(::chmod(path.c_str(), mode), 0);
        return path;
    }
    std::string folder_;
};

TEST_F(PrivateFiles, are_read_whole_up_to_their_limit) {
    EXPECT_EQ(*read_private_file(file("key\n", 0600), 4), "key\n");
    EXPECT_EQ(read_private_file(file("key\n", 0400), 3).error().fault, Fault::too_large);
    EXPECT_EQ(*read_private_file(file("", 0600), 0), "");
}

TEST_F(PrivateFiles, that_others_may_read_are_refused_without_what_they_hold) {
    for (const mode_t mode : {0640, 0604, 0644, 0610}) {
        const auto read = read_private_file(file("hunter2", mode), 100);
        ASSERT_EQ(read.error().fault, Fault::invalid) << mode;
        EXPECT_NE(read.error().message.find("chmod 600"), std::string::npos);
        EXPECT_EQ(read.error().message.find("hunter2"), std::string::npos);
    }
}

TEST_F(PrivateFiles, that_are_no_files_are_refused) {
    EXPECT_EQ(read_private_file(folder_, 100).error().fault, Fault::invalid);
    EXPECT_EQ(read_private_file("/dev/null", 100).error().fault, Fault::invalid);
    EXPECT_FALSE(read_private_file(folder_ + "/none", 100).ok());
}

}  // namespace
}  // namespace gyre
