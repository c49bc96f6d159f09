// The checkout step, and the mirrors of remotes that it keeps on this machine.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>

#include "agent/attempt_harness.h"
#include "agent/source_mirror.h"
#include "base/process.h"

namespace gyre::agent {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::World;

// A git remote in a directory.
class Remote {
public:
    explicit Remote(const fs::path& where) : path(where.string()) {
        git({"init", "-q", "-b", "main", path}, "/");
        commit("first", "one\n");
    }
    std::string commit(const std::string& message, const std::string& text) {
        std::ofstream(path + "/file") << text;
        git({"add", "."}, path);
        git({"-c", "user.name=T", "-c", "user.email=t@example", "commit", "-q", "-m", message}, path);
        return git({"rev-parse", "HEAD"}, path);
    }
    static std::string git(std::vector<std::string> arguments, const std::string& directory) {
        arguments.insert(arguments.begin(), "git");
        auto done = gyre::run({.argv = arguments, .directory = directory});
        EXPECT_TRUE(done.ok() && done->exit_code == 0) << (done ? done->err : done.error().message);
        std::string out = done ? done->out : "";
        while (out.ends_with('\n')) out.pop_back();
        return out;
    }
    std::string path;
};

TEST(Checkout, makes_a_clone_at_the_revision_on_its_branch) {
    World world;
    Remote remote(world.root / "remote");
    const std::string first = Remote::git({"rev-parse", "HEAD"}, remote.path);
    std::ofstream(remote.path + "/.git/hooks/post-checkout") << "#!/bin/sh\ntouch /tmp/gyre-hook-ran\n";
    remote.commit("second", "two\n");
    world.assignment.source = {.remote = remote.path, .branch = "main", .revision = first};
    world.step(CheckoutStep{})
        .run(
            "cat file; git rev-parse HEAD; git rev-parse --abbrev-ref HEAD; git remote get-url origin; git status "
            "--porcelain; git config gc.auto")
        .start();
    ASSERT_EQ("succeeded", world.how()) << world.output(0) << world.output(1);
    EXPECT_EQ("one\n" + first + "\nmain\n" + remote.path + "\n0\n", world.output(1));
}

TEST(Checkout, brings_all_branches_and_the_tags_of_their_history) {
    World world;
    Remote remote(world.root / "remote");
    Remote::git({"tag", "v1"}, remote.path);
    Remote::git({"branch", "other"}, remote.path);
    const std::string revision = remote.commit("second", "two\n");
    world.assignment.source = {.remote = remote.path, .branch = "main", .revision = revision};
    world.step(CheckoutStep{}).run("git log --format=%s -1 origin/other; git describe --tags | cut -d- -f1,2").start();
    ASSERT_EQ("succeeded", world.how()) << world.output(0);
    EXPECT_EQ("first\nv1-1\n", world.output(1));
}

TEST(Checkout, of_a_forks_pull_request_takes_its_ref) {
    World world;
    Remote remote(world.root / "remote");
    Remote::git({"checkout", "-q", "-b", "proposal"}, remote.path);
    const std::string revision = remote.commit("proposed", "two\n");
    Remote::git({"update-ref", "refs/pull/12/head", revision}, remote.path);
    Remote::git({"checkout", "-q", "main"}, remote.path);
    Remote::git({"branch", "-q", "-D", "proposal"}, remote.path);
    world.assignment.source = {.remote = remote.path, .branch = "pull/12", .revision = revision};
    world.step(CheckoutStep{}).run("cat file; git rev-parse HEAD origin/pull/12; git symbolic-ref HEAD").start();
    ASSERT_EQ("succeeded", world.how()) << world.output(0);
    EXPECT_EQ("two\n" + revision + "\n" + revision + "\nrefs/heads/pull/12\n", world.output(1));
}

TEST(Checkout, over_ssh_knows_the_host_keys_of_the_forges) {
    World world;
    Remote remote(world.root / "remote");
    fs::create_directories(world.root / "bin");
    const std::string seen = (world.root / "seen").string();
    const std::string ssh = (world.root / "bin/ssh").string();
    std::ofstream(ssh) << "#!/bin/sh\nprintf '%s\\n' \"$@\" > " << seen
                       << "\nfor last; do :; done\nexec sh -c \"$last\"\n";
    fs::permissions(ssh, fs::perms::owner_all);
    const std::string path = std::getenv("PATH");
    ::setenv("PATH", ((world.root / "bin").string() + ":" + path).c_str(), 1);
    world.assignment.source = {.remote = "git@github.com:" + remote.path,
                               .branch = "main",
                               .revision = Remote::git({"rev-parse", "HEAD"}, remote.path)};
    world.step(CheckoutStep{}).run("cat file").start();
    ::setenv("PATH", path.c_str(), 1);
    ASSERT_EQ("succeeded", world.how()) << world.output(0);
    EXPECT_EQ("one\n", world.output(1));
    const std::string known = world.work() + "/mirrors/known_hosts";
    std::ifstream arguments(seen);
    EXPECT_THAT(std::string(std::istreambuf_iterator<char>(arguments), {}),
                HasSubstr("GlobalKnownHostsFile=\"" + known + "\" /etc/ssh/ssh_known_hosts"));
    std::ifstream keys(known);
    for (const char* forge : {"github.com", "gitlab.com", "bitbucket.org"}) {
        keys.seekg(0);
        EXPECT_THAT(std::string(std::istreambuf_iterator<char>(keys), {}),
                    HasSubstr(std::string(forge) + " ssh-ed25519 "));
    }
}

TEST(Checkout, of_a_tag_is_detached_and_goes_to_the_path) {
    World world;
    Remote remote(world.root / "remote");
    Remote::git({"tag", "v1"}, remote.path);
    const std::string revision = Remote::git({"rev-parse", "HEAD"}, remote.path);
    remote.commit("second", "two\n");
    world.assignment.source = {.remote = remote.path, .tag = "v1", .revision = revision};
    world.step(CheckoutStep{.path = "code"})
        .run("cd code; git describe --tags --exact-match; git rev-parse --abbrev-ref HEAD")
        .start();
    ASSERT_EQ("succeeded", world.how()) << world.output(0);
    EXPECT_EQ("v1\nHEAD\n", world.output(1));
}

TEST(Checkout, fetches_only_what_it_does_not_have_and_mends_a_broken_mirror) {
    World world;
    Remote remote(world.root / "remote");
    world.assignment.source = {
        .remote = remote.path, .branch = "main", .revision = Remote::git({"rev-parse", "HEAD"}, remote.path)};
    world.step(CheckoutStep{}).start();
    ASSERT_EQ("succeeded", world.how());

    fs::rename(remote.path, remote.path + "-away");  // no remote: the mirror has it
    fs::remove_all(world.project());
    world.next_job();
    world.step(CheckoutStep{}).start();
    ASSERT_EQ("succeeded", world.how()) << world.output(0);

    fs::rename(remote.path + "-away", remote.path);
    for (const auto& entry : fs::directory_iterator(world.work() + "/mirrors")) {
        if (entry.is_directory()) fs::remove_all(entry.path() / "objects");
    }
    fs::remove_all(world.project());
    world.next_job();
    world.step(CheckoutStep{}).run("cat file").start();
    ASSERT_EQ("succeeded", world.how()) << world.output(0);
    EXPECT_EQ("one\n", world.output(1));

    world.assignment.source.revision = remote.commit("second", "two\n");
    for (const auto& entry : fs::directory_iterator(world.work() + "/mirrors")) {
        if (entry.is_directory()) std::ofstream(entry.path() / "refs/heads/main.lock") << "of a git that was killed";
    }
    fs::remove_all(world.project());
    world.next_job();
    world.step(CheckoutStep{}).run("cat file").start();
    ASSERT_EQ("succeeded", world.how()) << world.output(0);
    EXPECT_EQ("two\n", world.output(1));
}

TEST(Checkout, a_remote_that_is_not_there_is_our_failure_and_a_missing_revision_is_not) {
    World gone;
    gone.assignment.source = {
        .remote = (gone.root / "none").string(), .branch = "main", .revision = std::string(40, 'a')};
    gone.step(CheckoutStep{}).start();
    EXPECT_EQ("infrastructure_failed", gone.how());

    World missing;
    Remote remote(missing.root / "remote");
    missing.assignment.source = {.remote = remote.path, .branch = "main", .revision = std::string(40, 'a')};
    missing.step(CheckoutStep{}).start();
    EXPECT_THAT(missing.told<Failed>().reason, HasSubstr("has no revision aaaa"));
}

TEST(Checkout, refuses_a_directory_that_is_in_use) {
    World world;
    Remote remote(world.root / "remote");
    world.assignment.source = {
        .remote = remote.path, .branch = "main", .revision = Remote::git({"rev-parse", "HEAD"}, remote.path)};
    world.run("echo mine > mine").step(CheckoutStep{}).start();
    EXPECT_EQ("failed", world.how());
    EXPECT_THAT(world.told<Failed>().reason, HasSubstr("it holds 'mine'"));
    EXPECT_FALSE(fs::exists(world.project() + "/file"));
}

constexpr const char* odd_names[] = {"-x", "HEAD", "v1'\"$;&|", "refs/heads/main", "a/-b", "\xc3\xa4"};

TEST(Checkout, takes_branches_of_any_name) {
    for (const std::string name : odd_names) {
        World world;
        Remote remote(world.root / "remote");
        const std::string first = Remote::git({"rev-parse", "HEAD"}, remote.path);
        const std::string revision = remote.commit("second", "two\n");
        Remote::git({"update-ref", "refs/heads/" + name, revision}, remote.path);
        Remote::git({"update-ref", "refs/heads/main", first}, remote.path);
        world.assignment.source = {.remote = remote.path, .branch = name, .revision = revision};
        world.step(CheckoutStep{})
            .step(CheckoutStep{})  // into the same place
            .run(
                "cat file; git symbolic-ref HEAD; git rev-parse HEAD 2> /dev/null; git status --porcelain 2> /dev/null")
            .run("git for-each-ref --format='%(refname) %(objectname)'")
            .start();
        ASSERT_EQ("succeeded", world.how()) << name << world.output(0) << world.output(1) << world.output(2);
        EXPECT_EQ("two\nrefs/heads/" + name + "\n" + revision + "\n", world.output(2));
        EXPECT_THAT(world.output(3), HasSubstr("refs/remotes/origin/" + name + " " + revision + "\n"));
    }
}

TEST(Checkout, takes_tags_of_any_name_also_where_a_branch_had_brought_their_revision) {
    for (const std::string name : std::span(odd_names).first(3)) {
        World world;
        Remote remote(world.root / "remote");
        const std::string revision = Remote::git({"rev-parse", "HEAD"}, remote.path);
        world.assignment.source = {.remote = remote.path, .branch = "main", .revision = revision};
        world.step(CheckoutStep{}).start();
        ASSERT_EQ("succeeded", world.how());
        Remote::git({"update-ref", "refs/tags/" + name, revision}, remote.path);
        world.next_job();
        world.assignment.source = {.remote = remote.path, .tag = name, .revision = revision};
        world.step(CheckoutStep{.path = "fresh"})
            .step(CheckoutStep{})
            .run(
                "for at in . fresh; do git -C $at symbolic-ref -q HEAD || echo detached; git -C $at show-ref --tags "
                "-s; done")
            .start();
        ASSERT_EQ("succeeded", world.how()) << name << world.output(0) << world.output(1);
        EXPECT_EQ("detached\n" + revision + "\ndetached\n" + revision + "\n", world.output(2)) << name;
    }
}

TEST(Checkout, of_an_old_branch_that_stands_in_the_way_of_a_new_one) {
    World world;
    Remote remote(world.root / "remote");
    const std::string first = Remote::git({"rev-parse", "HEAD"}, remote.path);
    Remote::git({"update-ref", "refs/heads/feature", first}, remote.path);
    world.assignment.source = {.remote = remote.path, .branch = "feature", .revision = first};
    world.step(CheckoutStep{.path = "old"}).start();
    Remote::git({"update-ref", "-d", "refs/heads/feature"}, remote.path);
    Remote::git({"update-ref", "refs/heads/feature/a", remote.commit("second", "two\n")}, remote.path);
    world.next_job();
    world.assignment.source.branch = "feature/a";
    world.assignment.source.revision = Remote::git({"rev-parse", "HEAD"}, remote.path);
    world.step(CheckoutStep{.path = "new"}).run("cat new/file; git -C new symbolic-ref HEAD").start();
    ASSERT_EQ("succeeded", world.how()) << world.output(0);
    EXPECT_EQ("two\nrefs/heads/feature/a\n", world.output(1));
}

TEST(Checkout, refuses_names_that_are_none) {
    World world;
    for (const auto* name : {"",   "a b", "a..b", "a//b", "/a", "a/",  ".a",    "a/.b", "a.lock", "a.lock/b", "a:b",
                             "a*", "a?",  "a[",   "a\\b", "a^", "a~1", "a@{1}", "a.",   "a\nb",   "\x7f"}) {
        EXPECT_FALSE(is_ref_name(name)) << name;
        world.assignment.source = {.remote = "/r", .branch = name, .revision = std::string(40, 'a')};
        if (*name == '\0') continue;
        world.next_job();
        world.step(CheckoutStep{}).start();
        EXPECT_THAT(world.told<Failed>().reason, HasSubstr("is no name of a git branch or tag")) << name;
    }
    for (const std::string name : odd_names) EXPECT_TRUE(is_ref_name(name)) << name;
}

TEST(Checkout, brings_an_existing_repository_to_the_revision_and_keeps_what_is_not_tracked) {
    World world;
    Remote remote(world.root / "remote");
    const std::string first = Remote::git({"rev-parse", "HEAD"}, remote.path);
    std::ofstream(remote.path + "/gone") << "was tracked";
    remote.commit("second", "two\n");
    world.assignment.source = {
        .remote = remote.path, .branch = "main", .revision = Remote::git({"rev-parse", "HEAD"}, remote.path)};
    world.step(CheckoutStep{}).start();
    ASSERT_EQ("succeeded", world.how());

    fs::remove(remote.path + "/gone");
    world.assignment.source.revision = remote.commit("third", "three\n");
    world.assignment.source.branch = "other";
    Remote::git({"update-ref", "refs/heads/other", world.assignment.source.revision}, remote.path);
    world.next_job();
    world
        .run(
            "echo changed > file; echo mine > untracked; git branch mine; git config my.own setting; mkdir .git/hooks; "
            "printf "
            "'#!/bin/sh\ntouch ran\n' > .git/hooks/post-checkout; chmod +x .git/hooks/post-checkout")
        .step(CheckoutStep{})
        .run(
            "cat file untracked; ls; git branch --list; git config my.own; git status --porcelain; git log --oneline | "
            "wc -l")
        .start();
    ASSERT_EQ("succeeded", world.how()) << world.output(0) << world.output(1) << world.output(2);
    EXPECT_EQ("three\nmine\nfile\nuntracked\n  main\n  mine\n* other\nsetting\n?? untracked\n3\n", world.output(2));

    world.next_job();
    world.assignment.source = {.remote = remote.path, .branch = "main", .revision = first};
    world.run("echo broken > .git/HEAD").step(CheckoutStep{}).start();
    EXPECT_THAT(world.told<Failed>().reason, HasSubstr("remove it before the checkout"));
    EXPECT_THAT(world.output(1), HasSubstr("fatal: not "));
}

TEST(Checkout, keeps_user_and_password_of_the_remote_out_of_every_file_and_of_the_output) {
    for (const std::string credentials : {"bot:s3cret", "s3cret", "s3cret:"}) {  // forges take a token as the user, too
        World world;
        world.assignment.source = {.remote = "http://" + credentials + "@127.0.0.1:1/x.git",
                                   .branch = "main",
                                   .revision = std::string(40, 'a')};
        world.step(CheckoutStep{}).start();
        EXPECT_THAT(world.output(0), HasSubstr("Cloning http://127.0.0.1:1/x.git"));
        EXPECT_THAT(world.output(0), Not(HasSubstr("s3cret")));
        int configs = 0;
        for (const auto& entry : fs::recursive_directory_iterator(world.root)) {
            if (entry.path().filename() != "config" || !entry.is_regular_file()) continue;
            ++configs;
            std::ifstream file(entry.path());
            const std::string text{std::istreambuf_iterator<char>(file), {}};
            EXPECT_THAT(text, HasSubstr("127.0.0.1:1/x.git")) << entry.path();
            EXPECT_THAT(text, Not(HasSubstr("s3cret"))) << entry.path();
        }
        EXPECT_EQ(1, configs);
    }
}

}  // namespace
}  // namespace gyre::agent
