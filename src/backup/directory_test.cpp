#include "backup/directory.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <optional>

#include "adapters/memory/stores.h"
#include "backup/plain_objects.h"
#include "ports/contract/examples.h"
#include "ports/contract/temp_folder.h"

namespace gyre::backup {
namespace {

namespace files = std::filesystem;
using contract::expect_fault;

Manifest made(int second) {
    Manifest manifest;
    manifest.made_at = contract::at(second);
    manifest.schema = 1;
    return manifest;
}

class Directories : public testing::Test {
protected:
    Directory open(Use use = Use::write) { return Directory::open(path_, use).value(); }
    static void write(const files::path& path, const std::string& text) {
        files::create_directories(path.parent_path());
        std::ofstream(path) << text;
    }
    static mode_t mode_of(const files::path& path) {
        struct stat facts {};
        EXPECT_EQ(::stat(path.c_str(), &facts), 0) << path;
        return facts.st_mode & 0777;
    }
    std::vector<std::string> ids() {
        std::vector<std::string> found;
        const auto listed = *open(Use::read).list();
        for (const auto& snapshot : listed.snapshots) found.push_back(snapshot.id);
        return found;
    }

    contract::TempFolder folder_;
    files::path path_ = folder_.path() / "backups";
};

TEST_F(Directories, are_directories) {
    write(path_, "a file");
    expect_fault(Directory::open(path_, Use::write), Fault::invalid);
    expect_fault(Directory::open("/dev/null", Use::write), Fault::invalid);
}

TEST_F(Directories, take_no_link_for_a_snapshot) {
    const auto id = *open().add(made(1));
    const auto manifest = path_ / "snapshots" / (id + ".json");
    files::rename(manifest, folder_.path() / "elsewhere");
    files::create_symlink(folder_.path() / "elsewhere", manifest);
    const auto found = open(Use::read).find(id);
    expect_fault(found, Fault::corrupt);
    EXPECT_NE(found.error().message.find("a symbolic link"), std::string::npos) << found.error().message;
}

TEST_F(Directories, are_made_for_their_owner_only) {
    const auto id = open().add(made(1));
    ASSERT_TRUE(id.ok()) << id.error().message;
    EXPECT_EQ(mode_of(path_), 0700U);
    EXPECT_EQ(mode_of(path_ / "snapshots"), 0700U);
    EXPECT_EQ(mode_of(path_ / "gyre-backup"), 0600U);
    EXPECT_EQ(mode_of(path_ / "snapshots" / (*id + ".json")), 0600U);
}

TEST_F(Directories, of_something_else_are_refused) {
    expect_fault(Directory::open(path_, Use::read), Fault::not_found);
    write(path_ / "holiday.jpg", "sun");
    expect_fault(Directory::open(path_, Use::write), Fault::invalid);
    expect_fault(Directory::open(path_, Use::read), Fault::invalid);
    write(path_ / "gyre-backup", "A directory of backups of Gyre, format 99\n");
    expect_fault(Directory::open(path_, Use::write), Fault::invalid);
    expect_fault(Directory::open(path_, Use::read), Fault::invalid);
}

TEST_F(Directories, are_written_by_one_at_a_time) {
    const auto writer = open();
    expect_fault(Directory::open(path_, Use::write), Fault::conflict);
    expect_fault(Directory::open(path_, Use::read), Fault::conflict);
}

TEST_F(Directories, are_read_by_many) {
    open();
    const auto one = open(Use::read);
    const auto two = open(Use::read);
    expect_fault(Directory::open(path_, Use::write), Fault::conflict);
}

// As long as it has not become the program that it is to be, a child has all files of its parent.
TEST_F(Directories, are_free_when_their_writer_is_done_though_a_child_is_just_being_started) {
    std::optional<Directory> writer(open());
    int until[2];
    ASSERT_EQ(::pipe2(until, O_CLOEXEC), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        char none;
        ::close(until[1]);
        ::_exit(static_cast<int>(::read(until[0], &none, 1)));
    }
    ASSERT_GT(child, 0);
    writer.reset();
    EXPECT_TRUE(Directory::open(path_, Use::read).ok());
    ::close(until[0]);
    ::close(until[1]);
    EXPECT_EQ(::waitpid(child, nullptr, 0), child);
}

TEST_F(Directories, list_what_was_finished_the_newest_last) {
    const auto second = *open().add(made(2));
    const auto first = *open().add(made(1));
    write(path_ / "snapshots" / "20231114T221320123Z-aaaaaaaaaaaa.json.new", "{");
    write(path_ / "snapshots" / "notes.txt", "mine");
    EXPECT_EQ(ids(), (std::vector<std::string>{first, second}));
    EXPECT_EQ(open(Use::read).find("")->id, second);
    EXPECT_EQ(open(Use::read).find(first)->id, first);
    EXPECT_EQ(open(Use::read).find(first.substr(0, 18))->id, first);
    expect_fault(open(Use::read).find("2023"), Fault::invalid);
    expect_fault(open(Use::read).find("1999"), Fault::not_found);
    expect_fault(open(Use::read).find("../../etc/passwd"), Fault::not_found);
    open();
    EXPECT_FALSE(files::exists(path_ / "snapshots" / "20231114T221320123Z-aaaaaaaaaaaa.json.new"));
}

TEST_F(Directories, tell_of_damaged_manifests_and_do_not_choose_silently) {
    const auto good = *open().add(made(1));
    const auto bad = *open().add(made(2));
    write(path_ / "snapshots" / (bad + ".json"), "{}");
    const auto listed = *open(Use::read).list();
    EXPECT_EQ(listed.snapshots.size(), 1U);
    EXPECT_EQ(listed.damaged.size(), 1U);
    expect_fault(open(Use::read).find(""), Fault::corrupt);
    EXPECT_EQ(open(Use::read).find(good)->id, good);
    expect_fault(open(Use::read).find(bad), Fault::corrupt);
}

TEST_F(Directories, follow_no_links_and_wait_for_no_pipes) {
    const auto id = *open().add(made(1));
    const auto file = path_ / "snapshots" / (id + ".json");
    files::rename(file, folder_.path() / "elsewhere");
    files::create_symlink(folder_.path() / "elsewhere", file);
    EXPECT_FALSE(open(Use::read).find(id).ok());
    files::remove(file);
    ASSERT_EQ(::mkfifo(file.c_str(), 0600), 0);
    expect_fault(open(Use::read).find(id), Fault::corrupt);

    const std::string name(64, 'a');
    files::create_directories(path_ / "objects" / "aa");
    const auto object = path_ / "objects" / "aa" / name.substr(2);
    const auto directory = open(Use::read);
    memory::MemoryStores stores;
    PlainObjects objects(directory, stores.blob_store());
    expect_fault(objects.open(name, 0), Fault::not_found);
    files::create_symlink("/etc/passwd", object);
    expect_fault(objects.open(name, 0), Fault::corrupt);
    files::remove(object);
    ASSERT_EQ(::mkfifo(object.c_str(), 0600), 0);
    expect_fault(objects.open(name, 0), Fault::corrupt);
    expect_fault(objects.open("../../etc/passwd", 0), Fault::corrupt);
}

TEST_F(Directories, are_swept_of_what_nobody_wants) {
    open();
    const std::string wanted(64, 'a');
    const std::string other(64, 'b');
    write(path_ / "objects" / "aa" / wanted.substr(2), "keep me");
    write(path_ / "objects" / "bb" / other.substr(2), "12345");
    write(path_ / "partial" / std::string(64, 'c'), "123");
    const auto swept = open().sweep([&](const std::string& name) { return name == wanted; });
    ASSERT_TRUE(swept.ok()) << swept.error().message;
    EXPECT_EQ(swept->objects, 2);
    EXPECT_EQ(swept->bytes, 8);
    EXPECT_TRUE(files::exists(path_ / "objects" / "aa" / wanted.substr(2)));
    EXPECT_FALSE(files::exists(path_ / "objects" / "bb" / other.substr(2)));
}

}  // namespace
}  // namespace gyre::backup
