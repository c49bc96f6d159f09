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

TEST_F(PrivateFiles, of_passing_secrets_are_their_owners_alone_and_go) {
    const std::string place = folder_ + "/keys";
    std::string path;
    {
        auto made = FleetingFile::make(place, "secret\n");
        ASSERT_TRUE(made.ok()) << made.error().message;
        const FleetingFile kept = std::move(*made);
        path = kept.path();
        EXPECT_EQ(*read_private_file(path, 7), "secret\n");
        const auto other = FleetingFile::make(place, "");
        EXPECT_NE(other->path(), path);
        struct stat status {};
        ASSERT_EQ(::stat(place.c_str(), &status), 0);
        EXPECT_EQ(status.st_mode & 0777, 0700U);
    }
    EXPECT_TRUE(std::filesystem::is_empty(place));
    EXPECT_EQ(FleetingFile::make(folder_ + "/none/keys", "").error().fault, Fault::unavailable);
}

}  // namespace
}  // namespace gyre
