#include "agent/executors/disk_meter.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/fd.h"
#include "support/engines.h"

namespace gyre::agent {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t megabyte = 1 << 20;

void write_file(const fs::path& path, std::int64_t size) {
    std::ofstream(path) << std::string(static_cast<std::size_t>(size), 'x');
}

std::int64_t counted(const std::string& directory) {
    const auto bytes = bytes_below(directory, -1);
    EXPECT_TRUE(bytes.ok()) << bytes.error().message;
    return bytes.value_or(-1);
}

class DiskMeterTest : public testing::Test {
protected:
    // What the blocks of file systems and their lists of names may add.
    void expect_about(std::int64_t expected) const {
        EXPECT_GE(counted(box), expected - 100);  // a file of n names is n times an n-th
        EXPECT_LE(counted(box), expected + megabyte / 4);
    }
    test::PrivateDirectory files;
    const std::string box = files.make("box");
};

TEST_F(DiskMeterTest, counts_the_files_of_all_directories) {
    fs::create_directories(box + "/a/b");
    write_file(box + "/one", megabyte);
    write_file(box + "/a/b/two", 2 * megabyte);
    expect_about(3 * megabyte);
}

TEST_F(DiskMeterTest, counts_a_file_of_several_names_once) {
    write_file(box + "/one", megabyte);
    for (int i = 0; i < 9; ++i) fs::create_hard_link(box + "/one", box + "/name-" + std::to_string(i));
    expect_about(megabyte);
}

TEST_F(DiskMeterTest, counts_no_holes_and_follows_no_links) {
    write_file(files.path() + "/outside", 3 * megabyte);
    fs::create_symlink(files.path() + "/outside", box + "/link");
    fs::create_directory_symlink(files.path(), box + "/above");
    fs::create_directory_symlink(".", box + "/round");
    std::ofstream(box + "/holes") << "";
    fs::resize_file(box + "/holes", std::uintmax_t{1} << 33);
    expect_about(0);
}

TEST_F(DiskMeterTest, finds_what_lies_deeper_than_a_path_is_long) {
    const std::string name(200, 'd');
    Fd at(open(box.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    for (int i = 0; i < 300; ++i) {
        ASSERT_EQ(0, mkdirat(at.get(), name.c_str(), 0755));
        at = Fd(openat(at.get(), name.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
        ASSERT_TRUE(at);
    }
    const Fd file(openat(at.get(), "deep", O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    const std::string text(static_cast<std::size_t>(4 * megabyte), 'x');
    ASSERT_EQ(static_cast<ssize_t>(text.size()), write(file.get(), text.data(), text.size()));
    EXPECT_GE(counted(box), 4 * megabyte);
}

TEST_F(DiskMeterTest, adds_a_directory_once_it_is_there) {
    const std::string more = files.path() + "/more";
    const auto meter = add_tree(make_tree_meter(box), more);
    const auto before = meter->occupied(-1);
    ASSERT_TRUE(before) << before.error().message;
    fs::create_directory(more);
    write_file(more + "/one", megabyte);
    EXPECT_GE(meter->occupied(-1).value_or(0) - *before, megabyte);
    EXPECT_EQ(meter->places(-1), (std::vector<std::string>{box, std::filesystem::path(more).parent_path()}));
    EXPECT_EQ(add_tree(nullptr, more), nullptr);
}

// Of a job that has many directories at the end of a path of a megabyte, the agent holds little at a time.
TEST_F(DiskMeterTest, holds_few_paths_however_long_they_are) {
    const std::string name(250, 'd');
    Fd at(open(box.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    for (int i = 0; i < 2'000; ++i) {
        ASSERT_EQ(0, mkdirat(at.get(), name.c_str(), 0755));
        at = Fd(openat(at.get(), name.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
        ASSERT_TRUE(at);
    }
    for (int i = 0; i < 1'000; ++i) ASSERT_EQ(0, mkdirat(at.get(), std::to_string(i).c_str(), 0755));
    rusage before{};
    rusage after{};
    getrusage(RUSAGE_SELF, &before);
    EXPECT_GE(counted(box), 0);
    getrusage(RUSAGE_SELF, &after);
    EXPECT_LT(after.ru_maxrss - before.ru_maxrss, 150 * 1024) << "in kB; all paths together are 500 MB";
}

TEST_F(DiskMeterTest, ends_when_it_is_told_to) {
    const Fd cancel(eventfd(1, EFD_CLOEXEC));
    const auto bytes = bytes_below(box, cancel.get());
    ASSERT_FALSE(bytes.ok());
    EXPECT_EQ(bytes.error().fault, Fault::unavailable);
}

TEST_F(DiskMeterTest, says_when_there_is_nothing_to_look_at) {
    const auto bytes = bytes_below(files.path() + "/none", -1);
    ASSERT_FALSE(bytes.ok());
    EXPECT_EQ(bytes.error().message.find("counting the files of " + files.path() + "/none"), 0U);
}

}  // namespace
}  // namespace gyre::agent
