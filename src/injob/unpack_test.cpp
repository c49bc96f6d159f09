#include "injob/unpack.h"

#include <sys/stat.h>

#include <random>

#include "gtest/gtest.h"
#include "injob/archive_in_test.h"
#include "injob/tar.h"

namespace gyre::injob {
namespace {

namespace fs = std::filesystem;
using testing::Directory;
using testing::Entry;
using testing::tar_of;
using testing::TarFormat;

Result<Unpacked> unpack_to(const std::string& root, const Fd& tar, std::int64_t bytes = 1 << 20,
                           std::int64_t entries = 1000) {
    UnpackOptions options;
    options.root = root;
    options.max_bytes = bytes;
    options.max_entries = entries;
    return unpack(tar.get(), options);
}

struct stat facts_of(const std::string& path) {
    struct stat facts {};
    lstat(path.c_str(), &facts);
    return facts;
}

// Also what was unpacked without permissions.
void clear(const fs::path& tree) {
    std::error_code failed;
    for (fs::recursive_directory_iterator entry(tree, failed), end; !failed && entry != end; entry.increment(failed)) {
        if (entry->symlink_status().type() == fs::file_type::directory)
            fs::permissions(entry->path(), fs::perms::owner_all, fs::perm_options::add);
    }
    fs::remove_all(tree);
}

TEST(Unpack, restores_files_links_modes_and_times) {
    for (const auto format : {TarFormat::pax, TarFormat::gnu, TarFormat::ustar}) {
        Directory place;
        const auto done = unpack_to(place / "in/side", tar_of({{.name = "d/", .type = AE_IFDIR, .mode = 0750},
                                                               {.name = "d/file", .mode = 0741, .data = "hello"},
                                                               {.name = "d/again", .hardlink = "d/file"},
                                                               {.name = "link", .type = AE_IFLNK, .link = "d/file"},
                                                               {.name = "./deep/er/file", .data = ""}},
                                                              format));
        ASSERT_TRUE(done.ok()) << done.error().message;
        EXPECT_EQ(done->entries, 5);
        EXPECT_EQ(done->bytes, 5);
        EXPECT_EQ(place.text("in/side/d/again"), "hello");
        EXPECT_EQ(place.text("in/side/link"), "hello");
        EXPECT_EQ(facts_of(place / "in/side/d").st_mode & 07777, 0750U);
        EXPECT_EQ(facts_of(place / "in/side/d/file").st_mode & 07777, 0741U);
        EXPECT_EQ(facts_of(place / "in/side/d/file").st_nlink, 2U);
        EXPECT_EQ(facts_of(place / "in/side/d/file").st_mtime, 1'600'000'000);
        EXPECT_EQ(facts_of(place / "in/side/d").st_mtime, 1'600'000'000);
        EXPECT_TRUE(fs::exists(place / "in/side/deep/er/file"));
    }
}

TEST(Unpack, keeps_long_names_and_names_that_are_no_utf_8) {
    const std::string longer = std::string(60, 'a') + "/" + std::string(200, 'b') + "/\xff\xfe";
    for (const auto format : {TarFormat::gnu}) {
        Directory place;
        ASSERT_TRUE(
            unpack_to(place.path, tar_of({{.name = longer, .data = "x"}, {.name = "\xe4", .data = "y"}}, format)).ok());
        EXPECT_EQ(place.text(longer), "x");
        EXPECT_EQ(place.text("\xe4"), "y");
    }
}

TEST(Unpack, replaces_files_and_fills_existing_directories) {
    Directory place;
    place.file("d/old", "old");
    place.file("f", "old");
    fs::create_symlink("f", place / "s");
    ASSERT_TRUE(unpack_to(place.path, tar_of({{.name = "d", .type = AE_IFDIR, .mode = 0755},
                                              {.name = "f", .data = "new"},
                                              {.name = "s", .data = "own"}}))
                    .ok());
    EXPECT_EQ(place.text("d/old"), "old");
    EXPECT_EQ(place.text("f"), "new");
    EXPECT_EQ(place.text("s"), "own");
    EXPECT_FALSE(fs::is_symlink(place / "s"));
}

TEST(Unpack, follows_links_that_stay_inside) {
    Directory place;
    fs::create_directories(place / "real");
    fs::create_directory_symlink("real", place / "link");
    ASSERT_TRUE(unpack_to(place.path, tar_of({{.name = "link/", .type = AE_IFDIR, .mode = 0755},
                                              {.name = "link/file", .data = "x"}}))
                    .ok());
    EXPECT_EQ(place.text("real/file"), "x");
    EXPECT_TRUE(fs::is_symlink(place / "link"));
}

TEST(Unpack, fills_a_read_only_directory) {
    Directory place;
    ASSERT_TRUE(
        unpack_to(place.path, tar_of({{.name = "d/", .type = AE_IFDIR, .mode = 0555}, {.name = "d/file", .data = "x"}}))
            .ok());
    EXPECT_EQ(facts_of(place / "d").st_mode & 0777, 0555U);
    EXPECT_EQ(place.text("d/file"), "x");
    fs::permissions(place / "d", fs::perms::owner_all);
}

struct Hostile {
    const char* what;
    std::vector<Entry> entries;
    const char* message;  // a part of it
    TarFormat format = TarFormat::pax;
};

// performance.md F16. Each is refused, and nothing outside of the root is touched.
std::vector<Hostile> hostile_archives(const std::string& outside) {
    const std::string many(300, 'n');
    std::string deep;
    while (deep.size() < 5000) deep += "d/";
    return {
        {"a name with ..", {{.name = "../evil", .data = "x"}}, "'../evil'"},
        {"a name with .. in the middle", {{.name = "a/../../evil", .data = "x"}}, "by '..'"},
        {"a directory with ..", {{.name = "a/..", .type = AE_IFDIR}}, "by '..'"},
        {"an absolute name", {{.name = outside + "/evil", .data = "x"}}, "absolute"},
        {"a file through a link upwards",
         {{.name = "up", .type = AE_IFLNK, .link = ".."}, {.name = "up/evil", .data = "x"}},
         "leads out"},
        {"a file through an absolute link",
         {{.name = "l", .type = AE_IFLNK, .link = outside}, {.name = "l/evil", .data = "x"}},
         "leads out"},
        {"a directory through a link",
         {{.name = "l", .type = AE_IFLNK, .link = outside}, {.name = "l/evil/", .type = AE_IFDIR}},
         "leads out"},
        {"a chain of links",
         {{.name = "a", .type = AE_IFLNK, .link = "b"},
          {.name = "b", .type = AE_IFLNK, .link = outside},
          {.name = "a/evil", .data = "x"}},
         "leads out"},
        {"links in a circle",
         {{.name = "a", .type = AE_IFLNK, .link = "b"},
          {.name = "b", .type = AE_IFLNK, .link = "a"},
          {.name = "a/x", .data = "x"}},
         "leads out"},
        {"a link through /proc",
         {{.name = "p", .type = AE_IFLNK, .link = "/proc/self/root" + outside}, {.name = "p/evil", .data = "x"}},
         "leads out"},
        {"a hard link to the outside", {{.name = "h", .hardlink = outside + "/precious"}}, "absolute"},
        {"a hard link with ..", {{.name = "h", .hardlink = "../outside/precious"}}, "by '..'"},
        {"a hard link through a link",
         {{.name = "l", .type = AE_IFLNK, .link = outside},
          {.name = "h", .hardlink = "l/precious"},
          {.name = "h", .data = "changed"}},
         "leads out"},
        {"a hard link to itself", {{.name = "h", .hardlink = "./h"}}, "itself"},
        {"a hard link to nothing", {{.name = "h", .hardlink = "nothing"}}, "No such file"},
        {"a character device", {{.name = "null", .type = AE_IFCHR}}, "a device"},
        {"a block device", {{.name = "sda", .type = AE_IFBLK}}, "a device"},
        {"a named pipe", {{.name = "pipe", .type = AE_IFIFO}}, "a named pipe"},
        {"a sparse file", {{.name = "sparse", .data = "x", .declared = 2 << 20, .sparse = true}}, "a sparse file"},
        {"a part of a name that is too long", {{.name = many, .data = "x"}}, "longer than 255"},
        {"a name that is too long", {{.name = deep + "x", .data = "x"}}, "longer than 4095"},
        {"a file over a directory",
         {{.name = "d/f", .data = "x"}, {.name = "d", .data = "x"}},
         "a directory of that name exists"},
        {"more bytes than allowed",
         {{.name = "a", .data = std::string(900'000, 'x')}, {.name = "b", .data = std::string(900'000, 'x')}},
         "more than 1048576 bytes"},
        {"a declared size beyond all limits",
         {{.name = "a", .data = "x", .declared = 2 << 20}},
         "more than 1048576 bytes"},
    };
}

TEST(Unpack, refuses_hostile_archives_and_names_the_entry) {
    Directory place;
    const std::string outside = place / "outside";
    for (const auto& hostile : hostile_archives(outside)) {
        clear(place / "root");
        fs::create_directories(place / "root");
        place.file("outside/precious", "precious");
        const auto done = unpack_to(place / "root", tar_of(hostile.entries, hostile.format));
        EXPECT_FALSE(done.ok()) << hostile.what;
        if (!done) {
            EXPECT_NE(done.error().message.find(hostile.message), std::string::npos)
                << hostile.what << ": " << done.error().message;
            EXPECT_TRUE(done.error().message.starts_with("unpacking '"))
                << hostile.what << ": " << done.error().message;
        }
        EXPECT_EQ(place.text("outside/precious"), "precious") << hostile.what;
        EXPECT_EQ(facts_of(outside + "/precious").st_nlink, 1U) << hostile.what;
        EXPECT_FALSE(fs::exists(place / "evil")) << hostile.what;
        EXPECT_FALSE(fs::exists(outside + "/evil")) << hostile.what;
    }
}

TEST(Unpack, refuses_a_bomb_by_its_header) {
    Directory place;
    const Fd tar = testing::memory_file();
    TarWriter writer(tar.get());
    TarEntry bomb;
    bomb.name = "bomb";
    bomb.size = std::int64_t{10} << 30;
    ASSERT_TRUE(writer.begin(bomb).ok() && writer.finish().ok());
    lseek(tar.get(), 0, SEEK_SET);
    const auto done = unpack_to(place.path, tar);
    ASSERT_FALSE(done.ok());
    EXPECT_EQ(done.error().fault, Fault::too_large);
    EXPECT_FALSE(fs::exists(place / "bomb"));
}

TEST(Unpack, drops_setuid_setgid_and_sticky_bits) {
    Directory place;
    ASSERT_TRUE(unpack_to(place.path, tar_of({{.name = "s", .mode = 07755, .data = "x"},
                                              {.name = "d/", .type = AE_IFDIR, .mode = 07755}}))
                    .ok());
    EXPECT_EQ(facts_of(place / "s").st_mode & 07777, 0755U);
    EXPECT_EQ(facts_of(place / "d").st_mode & 07777, 0755U);
}

TEST(Unpack, bounds_the_number_of_entries) {
    Directory place;
    std::vector<Entry> many(20);
    for (std::size_t i = 0; i < many.size(); ++i) many[i].name = "f" + std::to_string(i);
    const auto done = unpack_to(place.path, tar_of(many), 1 << 20, 10);
    ASSERT_FALSE(done.ok());
    EXPECT_EQ(done.error().fault, Fault::too_large);
    EXPECT_NE(done.error().message.find("'f10': the archive has more than 10 entries"), std::string::npos)
        << done.error().message;
}

TEST(Unpack, says_when_an_archive_is_cut_off_or_none) {
    Directory place;
    Fd tar = tar_of({{.name = "a", .data = std::string(5000, 'x')}});
    ASSERT_EQ(ftruncate(tar.get(), 3000), 0);
    const auto cut = unpack_to(place.path, tar);
    ASSERT_FALSE(cut.ok());
    EXPECT_EQ(cut.error().fault, Fault::corrupt);
    Fd noise = testing::memory_file();
    const std::string text(2000, 'z');
    ASSERT_EQ(write(noise.get(), text.data(), text.size()), 2000);
    lseek(noise.get(), 0, SEEK_SET);
    EXPECT_EQ(unpack_to(place.path, noise).error().fault, Fault::corrupt);
    EXPECT_TRUE(unpack_to(place.path, testing::memory_file()).ok()) << "nothing is an empty archive";
}

TEST(Unpack, takes_absolute_names_only_where_the_root_is_all) {
    Directory place;
    UnpackOptions options;
    options.root = place.path;
    options.absolute = true;
    EXPECT_FALSE(unpack(tar_of({}).get(), options).ok());
    options.root = "/";
    fs::create_directories(place / "real");
    fs::create_directory_symlink(place / "real", place / "link");
    const auto done = unpack(tar_of({{.name = place / "link/file", .data = "x"}}).get(), options);
    ASSERT_TRUE(done.ok()) << done.error().message;
    EXPECT_EQ(place.text("real/file"), "x") << "existing absolute links are followed";
    EXPECT_FALSE(unpack(tar_of({{.name = place / "../evil", .data = "x"}}).get(), options).ok());
}

TEST(Unpack, survives_damaged_archives) {
    Directory place;
    place.file("outside/precious", "precious");
    const Fd good = tar_of({{.name = "d/", .type = AE_IFDIR, .mode = 0755},
                            {.name = "d/" + std::string(150, 'n'), .data = "hello"},
                            {.name = "l", .type = AE_IFLNK, .link = "d"},
                            {.name = "h", .hardlink = "d/" + std::string(150, 'n')}});
    std::string bytes(static_cast<std::size_t>(lseek(good.get(), 0, SEEK_END)), '\0');
    ASSERT_EQ(pread(good.get(), bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
    std::mt19937 random(7);
    for (int round = 0; round < 400; ++round) {
        std::string bad = bytes;
        for (int changes = 1 + round % 4; changes > 0; --changes)
            bad[random() % 6000 % bad.size()] = static_cast<char>(random());
        // a checksum that fits lets the change through to the parser
        for (std::size_t block = 0; block + 512 <= bad.size(); block += 512) {
            if (bad.compare(block + 257, 5, "ustar") != 0) continue;
            unsigned sum = 0;
            for (std::size_t i = 0; i < 512; ++i)
                sum += i >= 148 && i < 156 ? ' ' : static_cast<unsigned char>(bad[block + i]);
            char text[8];
            std::snprintf(text, sizeof text, "%06o", sum);
            bad.replace(block + 148, 7, std::string(text) + '\0');
        }
        const Fd file = testing::memory_file();
        ASSERT_EQ(write(file.get(), bad.data(), bad.size()), static_cast<ssize_t>(bad.size()));
        lseek(file.get(), 0, SEEK_SET);
        clear(place / "root");
        (void)unpack_to(place / "root", file);
    }
    EXPECT_EQ(std::distance(fs::directory_iterator(place.path), {}), 2);
    EXPECT_EQ(place.text("outside/precious"), "precious");
}

TEST(CheckoutTarget, may_be_missing_empty_or_a_repository) {
    Directory place;
    EXPECT_EQ(*checkout_target(place / "missing"), CheckoutTarget::free);
    fs::create_directories(place / "empty");
    EXPECT_EQ(*checkout_target(place / "empty"), CheckoutTarget::free);
    place.file("repository/.git/HEAD");
    EXPECT_EQ(*checkout_target(place / "repository"), CheckoutTarget::repository);
    place.file("occupied/file");
    const auto occupied = checkout_target(place / "occupied");
    ASSERT_FALSE(occupied.ok());
    EXPECT_EQ(occupied.error().fault, Fault::conflict);
    EXPECT_NE(occupied.error().message.find("it holds 'file'"), std::string::npos);
}

}  // namespace
}  // namespace gyre::injob
