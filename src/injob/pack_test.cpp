#include "injob/pack.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "gtest/gtest.h"
#include "injob/archive_in_test.h"
#include "injob/unpack.h"

namespace gyre::injob {
namespace {

namespace fs = std::filesystem;
using testing::Directory;

struct Packed {
    Result<long long> entries = 0;
    std::vector<std::string> names;  // as libarchive reads them
    std::string warnings;
    Fd tar = testing::memory_file();
};

Packed pack_up(PackOptions options) {
    Packed packed;
    options.home = "/home/nobody";
    options.warn = [&](const std::string& text) { packed.warnings += text + "\n"; };
    packed.entries = pack(packed.tar.get(), options);
    if (!packed.entries.ok() || *packed.entries == 0) return packed;
    lseek(packed.tar.get(), 0, SEEK_SET);
    archive* reader = archive_read_new();
    archive_read_support_format_tar(reader);
    archive_read_open_fd(reader, packed.tar.get(), 65536);
    archive_entry* entry = nullptr;
    while (archive_read_next_header(reader, &entry) == ARCHIVE_OK) {
        const char* hard = archive_entry_hardlink(entry);
        const char* soft = archive_entry_symlink(entry);
        packed.names.push_back(std::string(archive_entry_pathname(entry)) + (hard ? std::string(" = ") + hard : "") +
                               (soft ? std::string(" -> ") + soft : ""));
    }
    EXPECT_EQ(archive_errno(reader), 0) << archive_error_string(reader);
    archive_read_free(reader);
    lseek(packed.tar.get(), 0, SEEK_SET);
    return packed;
}

using Names = std::vector<std::string>;

TEST(Pack, names_entries_relative_to_the_root_in_order) {
    Directory place;
    place.file("b/two");
    place.file("b/one");
    place.file("a");
    EXPECT_EQ(pack_up({.root = place.path, .paths = {"."}}).names, (Names{"./", "a", "b/", "b/one", "b/two"}));
    EXPECT_EQ(pack_up({.root = place.path, .paths = {"b/", "./a"}}).names, (Names{"b/", "b/one", "b/two", "a"}));
    EXPECT_EQ(pack_up({.root = place.path, .paths = {place / "b/one"}}).names, (Names{"b/one"}));
    EXPECT_EQ(pack_up({.root = place.path, .paths = {"b", "b/one", "b"}}).names, (Names{"b/", "b/one", "b/two"}))
        << "nothing twice";
}

TEST(Pack, names_entries_absolutely_for_caches) {
    Directory place;
    place.file("b/one");
    const auto packed = pack_up({.root = place.path, .names = PackNames::absolute, .paths = {"b"}});
    EXPECT_EQ(packed.names, (Names{place / "b/", place / "b/one"}));
}

TEST(Pack, keeps_links_as_links) {
    Directory place;
    place.file("file");
    fs::create_hard_link(place / "file", place / "other");
    fs::create_symlink("/nowhere", place / "link");
    fs::create_directory_symlink("..", place / "up");
    EXPECT_EQ(pack_up({.root = place.path, .paths = {"."}}).names,
              (Names{"./", "file", "link -> /nowhere", "other = file", "up -> .."}));
}

TEST(Pack, leaves_out_what_is_missing_and_says_so) {
    Directory place;
    place.file("there");
    const auto some = pack_up({.root = place.path, .paths = {"missing", "there"}});
    EXPECT_EQ(*some.entries, 1);
    EXPECT_EQ(some.warnings, "'missing' does not exist, leaving it out\n");
    EXPECT_EQ(*pack_up({.root = place.path, .paths = {"missing"}}).entries, 0);
    const auto strict = pack_up({.root = place.path, .must_match = true, .paths = {"missing"}});
    ASSERT_FALSE(strict.entries.ok());
    EXPECT_EQ(strict.entries.error().message, "'missing' matches nothing in " + place.path);
}

TEST(Pack, takes_patterns_for_workspaces) {
    Directory place;
    for (const char* name : {"dist/a.js", "dist/b.js", "dist/c.css", "dist/sub/d.js", "other", ".hidden"})
        place.file(name);
    const auto names = [&](const std::string& pattern) {
        return pack_up({.root = place.path, .patterns = true, .paths = {pattern}}).names;
    };
    EXPECT_EQ(names("dist/*.js"), (Names{"dist/a.js", "dist/b.js"}));
    EXPECT_EQ(names("dist/*"), (Names{"dist/a.js", "dist/b.js", "dist/c.css", "dist/sub/", "dist/sub/d.js"}));
    EXPECT_EQ(names("*/sub"), (Names{"dist/sub/", "dist/sub/d.js"}));
    EXPECT_EQ(names("dist/**/d.js"), (Names{"dist/sub/d.js"})) << "** is * here";
    EXPECT_EQ(names("dist/[^a].js"), (Names{"dist/b.js"}));
    EXPECT_EQ(names(place / "oth*"), (Names{"other"}));
    EXPECT_EQ(names("."), (Names{"./", ".hidden", "dist/", "dist/a.js", "dist/b.js", "dist/c.css", "dist/sub/",
                                 "dist/sub/d.js", "other"}));
}

TEST(Pack, stays_below_the_root) {
    Directory place;
    place.file("root/file");
    place.file("secret");
    for (const std::string& path : {std::string("../secret"), place / "secret", std::string("a/../../secret")}) {
        for (const bool patterns : {false, true}) {
            fs::create_directories(place / "root/a");
            const auto packed = pack_up({.root = place / "root", .patterns = patterns, .paths = {path}});
            ASSERT_FALSE(packed.entries.ok()) << path;
            EXPECT_NE(packed.entries.error().message.find("does not lie in"), std::string::npos);
        }
    }
}

TEST(Pack, collects_the_content_of_a_directory_or_one_file) {
    Directory place;
    place.file("out/report/index.html");
    place.file("out/log");
    fs::create_symlink("log", place / "out/link");
    fs::create_directory_symlink("report", place / "out/loop");
    fs::create_hard_link(place / "out/log", place / "out/same");
    const PackOptions base{.root = place.path, .names = PackNames::inside, .must_match = true, .follow_files = true};
    auto tree = base;
    tree.paths = {"out"};
    EXPECT_EQ(pack_up(tree).names, (Names{"./", "link", "log", "report/", "report/index.html", "same"}));
    auto file = base;
    file.paths = {place / "out/report/index.html"};
    EXPECT_EQ(pack_up(file).names, (Names{"index.html"}));
    auto missing = base;
    missing.paths = {"nothing"};
    EXPECT_EQ(pack_up(missing).entries.error().fault, Fault::not_found);
}

TEST(Pack, leaves_out_pipes_and_unreadable_files) {
    Directory place;
    ASSERT_EQ(mkfifo((place / "pipe").c_str(), 0600), 0);
    place.file("fine");
    const auto packed = pack_up({.root = place.path, .paths = {"."}});
    EXPECT_EQ(packed.names, (Names{"./", "fine"}));
    EXPECT_EQ(packed.warnings, "leaving out pipe: neither a file nor a directory nor a link\n");
}

TEST(Pack, and_unpack_give_the_same_tree) {
    Directory from;
    from.file("plain", std::string(1'000'000, 'x'));
    from.file(std::string(120, 'd') + "/" + std::string(200, 'e') + "/long", "long");
    from.file("\xff\xfe not utf-8", "bytes");
    from.file("empty", "");
    fs::create_symlink(std::string(150, 't'), from / "long-link");
    fs::create_hard_link(from / "plain", from / "zz-hard");
    fs::permissions(from / "empty", fs::perms::owner_read | fs::perms::owner_exec);
    const auto packed = pack_up({.root = from.path, .paths = {"."}});
    ASSERT_TRUE(packed.entries.ok());
    Directory to;
    const auto unpacked = unpack(packed.tar.get(), {.root = to.path});
    ASSERT_TRUE(unpacked.ok()) << unpacked.error().message;
    EXPECT_EQ(to.text("plain"), from.text("plain"));
    EXPECT_EQ(to.text(std::string(120, 'd') + "/" + std::string(200, 'e') + "/long"), "long");
    EXPECT_EQ(to.text("\xff\xfe not utf-8"), "bytes");
    EXPECT_EQ(fs::read_symlink(to / "long-link").string(), std::string(150, 't'));
    EXPECT_EQ(fs::hard_link_count(to / "plain"), 2U);
    EXPECT_EQ(fs::status(to / "empty").permissions(), fs::perms::owner_read | fs::perms::owner_exec);
    EXPECT_EQ(pack_up({.root = to.path, .paths = {"."}}).names, packed.names);
}

TEST(Pack, leaves_out_what_lies_deeper_than_unpack_can_reach) {
    // Names of the directories that stand around the limit: "d.../", and a file beside each.
    for (const std::size_t last : {93U, 94U, 95U, 96U}) {
        Directory from;
        Fd here(open(from.path.c_str(), O_RDONLY | O_DIRECTORY));
        for (int i = 0; i < 22; ++i) {
            const std::string name(i == 20 ? last : 199, 'd');
            ASSERT_EQ(mkdirat(here.get(), name.c_str(), 0755), 0);
            here = Fd(openat(here.get(), name.c_str(), O_RDONLY | O_DIRECTORY));
            ASSERT_TRUE(here);
            ASSERT_TRUE(Fd(openat(here.get(), "f", O_WRONLY | O_CREAT, 0644)));
        }
        const auto packed = pack_up({.root = from.path, .paths = {"."}});
        ASSERT_TRUE(packed.entries.ok());
        EXPECT_NE(packed.warnings.find("...: its name is longer than 4095 bytes\n"), std::string::npos);
        EXPECT_LT(packed.warnings.size(), 1500U);
        Directory to;
        const auto unpacked = unpack(packed.tar.get(), {.root = to.path});
        ASSERT_TRUE(unpacked.ok()) << last << ": " << unpacked.error().message;
        EXPECT_EQ(unpacked->entries, *packed.entries);
    }
}

}  // namespace
}  // namespace gyre::injob
