#include "apps/gyre/data_directory.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

namespace gyre::apps {
namespace {

class DataDirectoryTest : public testing::Test {
protected:
    void SetUp() override {
        char pattern[] = "/tmp/gyre-data-test.XXXXXX";
        root_ = mkdtemp(pattern);
    }
    void TearDown() override { std::filesystem::remove_all(root_); }
    static mode_t mode_of(const std::string& path) {
        struct stat facts {};
        EXPECT_EQ(stat(path.c_str(), &facts), 0);
        return facts.st_mode & 0777;
    }
    std::string root_;
};

TEST_F(DataDirectoryTest, is_private_and_held_by_one_server) {
    auto first = DataDirectory::open(root_ + "/a/b");
    ASSERT_TRUE(first.ok()) << first.error().message;
    EXPECT_EQ(mode_of(root_ + "/a/b"), 0700U);
    EXPECT_EQ(DataDirectory::open(root_ + "/a/b").error().fault, Fault::unavailable);
    first = unavailable("gone");
    EXPECT_TRUE(DataDirectory::open(root_ + "/a/b").ok());
}

TEST_F(DataDirectoryTest, keeps_its_keys) {
    const auto directory = DataDirectory::open(root_ + "/d");
    const auto key = directory->key("launch.key");
    EXPECT_EQ(key->size(), 64U);
    EXPECT_EQ(directory->key("launch.key").value(), *key);
    EXPECT_NE(directory->key("other.key").value(), *key);
    EXPECT_EQ(mode_of(root_ + "/d/launch.key"), 0600U);
}

TEST_F(DataDirectoryTest, finds_a_place_for_the_socket_of_a_deep_directory) {
    const auto deep = DataDirectory::open(root_ + "/" + std::string(120, 'x'));
    ASSERT_TRUE(deep.ok());
    EXPECT_LT(deep->socket_path()->size(), 108U);
}

TEST_F(DataDirectoryTest, says_what_is_in_the_way) {
    std::ofstream(root_ + "/file") << "x";
    EXPECT_NE(DataDirectory::open(root_ + "/file").error().message.find(root_ + "/file"), std::string::npos);
    EXPECT_FALSE(DataDirectory::open(root_ + "/file/below").ok());
}

}  // namespace
}  // namespace gyre::apps
