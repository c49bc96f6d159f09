#include "adapters/fs/owner_mark.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <thread>
#include <vector>

#include "ports/contract/temp_folder.h"

namespace gyre::fs {
namespace {

const std::string ours = "2d1ff6fb-9a3d-4f5e-8b0f-0a1b2c3d4e5f";
const std::string others = "00000000-0000-4000-8000-000000000000";

class OwnerMark : public testing::Test {
protected:
    void write(const std::string& text) const { std::ofstream(path_) << text; }
    std::size_t files() const {
        return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(temp_.path()), {}));
    }

    contract::TempFolder temp_;
    Folder folder_ = Folder::open(temp_.path()).value();
    std::filesystem::path path_ = temp_.path() / "installation";
};

TEST_F(OwnerMark, is_put_once_and_stays) {
    EXPECT_EQ(*read_mark(folder_), "");
    EXPECT_EQ(*put_mark(folder_, ours), ours);
    EXPECT_EQ(*put_mark(folder_, others), ours) << "they are somebody's already";
    EXPECT_EQ(*read_mark(folder_), ours);
    EXPECT_EQ(files(), 1U);
    struct stat facts {};
    ASSERT_EQ(::stat(path_.c_str(), &facts), 0);
    EXPECT_EQ(facts.st_mode & 0777, 0600U);
}

TEST_F(OwnerMark, that_root_puts_is_for_the_owner_of_the_directory) {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root: who else may give files away?";
    ASSERT_EQ(::chown(temp_.path().c_str(), 4711, 4712), 0);
    const auto expect_given = [&] {
        struct stat facts {};
        ASSERT_EQ(::stat(path_.c_str(), &facts), 0);
        EXPECT_EQ(facts.st_uid, 4711U);
        EXPECT_EQ(facts.st_gid, 4712U);
    };
    ASSERT_TRUE(put_mark(folder_, ours).ok());
    expect_given();
    ASSERT_TRUE(replace_mark(folder_, others).ok());
    expect_given();
}

TEST_F(OwnerMark, is_replaced_for_who_says_so) {
    ASSERT_TRUE(put_mark(folder_, ours).ok());
    ASSERT_TRUE(replace_mark(folder_, others).ok());
    EXPECT_EQ(*read_mark(folder_), others);
    write("nonsense");
    ASSERT_TRUE(replace_mark(folder_, ours).ok());
    EXPECT_EQ(*read_mark(folder_), ours);
    EXPECT_EQ(files(), 1U);
}

TEST_F(OwnerMark, of_several_who_put_one_at_once_is_one) {
    std::vector<std::string> seen(8);
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < seen.size(); ++i) {
        threads.emplace_back([&, i] {
            const auto folder = Folder::open(temp_.path()).value();
            seen[i] = put_mark(folder, others.substr(0, 35) + std::to_string(i)).value();
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(std::set<std::string>(seen.begin(), seen.end()), std::set<std::string>{*read_mark(folder_)});
    EXPECT_EQ(files(), 1U) << "nothing is left behind";
}

TEST_F(OwnerMark, that_is_something_else_is_nobodys_and_not_none) {
    const std::string texts[] = {"",
                                 "\n",
                                 ours,
                                 ours + "\r\n",
                                 ours + "\n\n",
                                 " " + ours.substr(1) + "\n",
                                 std::string(36, 'a') + "\n",
                                 std::string(36, '\0') + "\n",
                                 "2D1FF6FB-9A3D-4F5E-8B0F-0A1B2C3D4E5F\n",
                                 ours + "\n" + others + "\n",
                                 std::string(1 << 20, 'x')};
    for (const auto& text : texts) {
        write(text);
        EXPECT_EQ(read_mark(folder_).error().fault, Fault::corrupt) << text.substr(0, 80);
        EXPECT_FALSE(put_mark(folder_, ours).ok()) << text.substr(0, 80);
    }
}

TEST_F(OwnerMark, is_no_pipe_directory_or_link) {
    ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
    EXPECT_EQ(read_mark(folder_).error().fault, Fault::corrupt);
    std::filesystem::remove(path_);
    std::filesystem::create_directory(path_);
    EXPECT_EQ(read_mark(folder_).error().fault, Fault::corrupt);
    EXPECT_FALSE(replace_mark(folder_, ours).ok());
    std::filesystem::remove(path_);
    std::filesystem::create_symlink("/etc/hostname", path_);
    EXPECT_FALSE(read_mark(folder_).ok());
    std::filesystem::remove(path_);
    EXPECT_EQ(files(), 0U) << "nothing is left behind";
}

}  // namespace
}  // namespace gyre::fs
