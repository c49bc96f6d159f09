// Restores that are seen whole or not at all.

#include "injob/stage.h"

#include <sys/stat.h>
#include <unistd.h>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "injob/archive_in_test.h"
#include "injob/unpack.h"

namespace gyre::injob {
namespace {

namespace fs = std::filesystem;
using testing::Directory;
using testing::Entry;
using testing::tar_of;

Result<Unpacked> restore(const Fd& tar) { return unpack(tar.get(), {.root = "/", .absolute = true, .staged = true}); }

std::vector<std::string> names_below(const Directory& place) {
    std::vector<std::string> names;
    for (const auto& entry : fs::recursive_directory_iterator(place.path))
        names.push_back(entry.path().string().substr(place.path.size() + 1));
    std::sort(names.begin(), names.end());
    return names;
}

std::vector<Entry> tree(const Directory& place) {
    return {{.name = place / "deep/tree/", .type = AE_IFDIR, .mode = 0750},
            {.name = place / "deep/tree/a", .mode = 0640, .data = "new a"},
            {.name = place / "deep/tree/sub/", .type = AE_IFDIR, .mode = 0555},
            {.name = place / "deep/tree/sub/b", .data = "new b"},
            {.name = place / "deep/tree/link", .type = AE_IFLNK, .link = "a"},
            {.name = place / "deep/tree/again", .hardlink = place / "deep/tree/a"},
            {.name = place / "single", .data = "new single"}};
}

TEST(Stage, puts_new_trees_where_they_belong_and_leaves_nothing_else) {
    Directory place;
    const auto done = restore(tar_of(tree(place)));
    ASSERT_TRUE(done.ok()) << done.error().message;
    EXPECT_THAT(names_below(place),
                ::testing::ElementsAre("deep", "deep/tree", "deep/tree/a", "deep/tree/again", "deep/tree/link",
                                       "deep/tree/sub", "deep/tree/sub/b", "single"));
    EXPECT_EQ("new a", place.text("deep/tree/link"));
    EXPECT_EQ(2u, fs::hard_link_count(place / "deep/tree/a"));
    EXPECT_EQ(fs::perms{0750}, fs::status(place / "deep/tree").permissions());
    EXPECT_EQ(fs::perms{0555}, fs::status(place / "deep/tree/sub").permissions());
    fs::permissions(place / "deep/tree/sub", fs::perms::owner_all);
}

TEST(Stage, replaces_files_one_by_one_and_keeps_what_the_archive_does_not_have) {
    Directory place;
    place.file("deep/tree/a", "old a");
    place.file("deep/tree/kept", "kept");
    place.file("deep/tree/sub/b", "old b");
    place.file("deep/tree/sub/kept", "kept");
    place.file("deep/tree/link", "a file where a link comes");
    const auto done = restore(tar_of(tree(place)));
    ASSERT_TRUE(done.ok()) << done.error().message;
    EXPECT_EQ("new a", place.text("deep/tree/a"));
    EXPECT_EQ("new b", place.text("deep/tree/sub/b"));
    EXPECT_EQ("new a", place.text("deep/tree/link"));
    EXPECT_EQ("kept", place.text("deep/tree/kept"));
    EXPECT_EQ("kept", place.text("deep/tree/sub/kept"));
    EXPECT_EQ(9u, names_below(place).size() - 1);
    fs::permissions(place / "deep/tree/sub", fs::perms::owner_all);
}

TEST(Stage, of_an_archive_that_is_cut_anywhere_leaves_what_was_there) {
    Directory place;
    const Fd whole = tar_of(tree(place));
    const auto size = lseek(whole.get(), 0, SEEK_END);
    std::string bytes(static_cast<std::size_t>(size), '\0');
    ASSERT_EQ(pread(whole.get(), bytes.data(), bytes.size(), 0), size);
    const auto end = bytes.find_last_not_of('\0') / 512 * 512 + 512;  // of the last entry
    place.file("deep/tree/a", "old a");
    const auto before = names_below(place);
    for (std::size_t cut = 0; cut <= end; cut += 512) {
        const Fd tar = testing::memory_file();
        ASSERT_EQ(write(tar.get(), bytes.data(), cut), static_cast<ssize_t>(cut));
        lseek(tar.get(), 0, SEEK_SET);
        EXPECT_FALSE(restore(tar).ok()) << cut;
        EXPECT_EQ("old a", place.text("deep/tree/a")) << cut;
        EXPECT_EQ(before, names_below(place)) << cut;
    }
}

TEST(Stage, changes_nothing_where_a_directory_is_in_the_way) {
    Directory place;
    place.file("deep/tree/sub/b/nested", "old");
    place.file("deep/tree/a", "old a");
    const auto before = names_below(place);
    const auto done = restore(tar_of(tree(place)));
    ASSERT_FALSE(done.ok());
    EXPECT_THAT(done.error().message, ::testing::HasSubstr("'b' is in the archive, and a directory of that name"));
    EXPECT_EQ("old a", place.text("deep/tree/a"));
    EXPECT_EQ(before, names_below(place));
}

TEST(Stage, follows_the_links_that_are_there) {
    Directory place;
    fs::create_directories(place / "elsewhere");
    fs::create_directory_symlink(place / "elsewhere", place / "deep");
    ASSERT_TRUE(restore(tar_of({{.name = place / "deep/tree/a", .data = "x"}})).ok());
    EXPECT_EQ("x", place.text("elsewhere/tree/a"));
    EXPECT_TRUE(fs::is_symlink(place / "deep"));
}

TEST(Stage, links_to_nothing_that_the_archive_did_not_bring) {
    Directory place;
    place.file("precious", "precious");
    EXPECT_FALSE(restore(tar_of({{.name = place / "tree/a", .data = "x"},
                                 {.name = place / "tree/b", .hardlink = place / "precious"}}))
                     .ok());
    EXPECT_FALSE(fs::exists(place / "tree"));
}

}  // namespace
}  // namespace gyre::injob
