#include "apps/gyre/snapshot.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "base/process.h"

namespace gyre::apps {
namespace {

class SnapshotTest : public testing::Test {
protected:
    void SetUp() override {
        char pattern[] = "/tmp/gyre-snapshot-test.XXXXXX";
        base_ = mkdtemp(pattern);
        root_ = base_ + "/work";
        git({"init", "-q", "-b", "main", root_});
        write("committed", "old");
        write(".gitignore", "build/\n");
        git({"-C", root_, "add", "."});
        git({"-C", root_, "-c", "user.name=A", "-c", "user.email=a@b", "commit", "-q", "-m", "First"});
    }
    void TearDown() override { std::filesystem::remove_all(base_); }

    static std::string git(std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), "git");
        const auto done = run({.argv = arguments});
        EXPECT_TRUE(done.ok() && done->exit_code == 0) << (done ? done->err : done.error().message);
        return done ? done->out : "";
    }
    void write(const std::string& name, const std::string& text) const {
        std::filesystem::create_directories(std::filesystem::path(root_ + "/" + name).parent_path());
        std::ofstream(root_ + "/" + name) << text;
    }
    Snapshot take() const {
        const auto taken = take_snapshot(root_, base_ + "/snapshot.git");
        EXPECT_TRUE(taken.ok()) << taken.error().message;
        return *taken;
    }
    std::string content(const Snapshot& snapshot, const std::string& name) const {
        return git({"--git-dir=" + snapshot.repository, "show", snapshot.revision + ":" + name});
    }

    std::string base_;
    std::string root_;
};

TEST_F(SnapshotTest, a_clean_working_copy_is_its_last_commit) {
    const Snapshot snapshot = take();
    EXPECT_FALSE(snapshot.has_changes);
    EXPECT_EQ(snapshot.branch, "main");
    EXPECT_EQ(snapshot.revision + "\n", git({"-C", root_, "rev-parse", "HEAD"}));
}

TEST_F(SnapshotTest, holds_changed_and_new_files_but_not_ignored_or_deleted_ones) {
    write("committed", "new");
    write("added/file", "hello");
    write("build/out.o", "junk");
    const Snapshot snapshot = take();
    EXPECT_TRUE(snapshot.has_changes);
    EXPECT_EQ(content(snapshot, "committed"), "new");
    EXPECT_EQ(content(snapshot, "added/file"), "hello");
    EXPECT_EQ(git({"--git-dir=" + snapshot.repository, "ls-tree", "-r", "--name-only", snapshot.revision}),
              ".gitignore\nadded/file\ncommitted\n");
    std::filesystem::remove(root_ + "/committed");
    EXPECT_EQ(git({"--git-dir=" + snapshot.repository, "ls-tree", "-r", "--name-only", take().revision}),
              ".gitignore\nadded/file\n");
}

TEST_F(SnapshotTest, leaves_the_working_copy_alone) {
    write("committed", "new");
    const std::string before = git({"-C", root_, "status", "--porcelain=v2", "--branch"});
    take();
    EXPECT_EQ(git({"-C", root_, "status", "--porcelain=v2", "--branch"}), before);
    EXPECT_EQ(git({"-C", root_, "count-objects"}), git({"-C", root_, "count-objects"}));
}

TEST_F(SnapshotTest, can_be_cloned_with_the_history_before_it) {
    write("committed", "new");
    const Snapshot snapshot = take();
    git({"clone", "-q", "-b", "main", snapshot.repository, base_ + "/clone"});
    EXPECT_EQ(git({"-C", base_ + "/clone", "rev-list", "--count", "HEAD"}), "2\n");
}

TEST_F(SnapshotTest, works_before_the_first_commit_and_says_where_there_is_no_working_copy) {
    const std::string fresh = base_ + "/fresh";
    git({"init", "-q", "-b", "trunk", fresh});
    std::ofstream(fresh + "/file") << "x";
    const auto taken = take_snapshot(fresh, base_ + "/fresh.git");
    ASSERT_TRUE(taken.ok()) << taken.error().message;
    EXPECT_EQ(taken->branch, "trunk");
    EXPECT_EQ(working_copy_root("/").error().fault, Fault::not_found);
}

}  // namespace
}  // namespace gyre::apps
