// Steps that move files: caches, workspaces, artifacts, test results, checkout.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <span>

#include "agent/attempt_harness.h"
#include "agent/source_mirror.h"
#include "base/digest.h"
#include "base/process.h"

namespace gyre::agent {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::read_text;
using testing::World;

SaveCacheStep save(std::string key, std::vector<std::string> paths) {
    return {.key = std::move(key), .paths = std::move(paths)};
}
RestoreCacheStep restore(std::vector<std::string> keys) { return {.keys = std::move(keys)}; }

TEST(Cache, is_saved_once_and_restored_where_it_was) {
    World world;
    world
        .run(
            "mkdir -p node_modules/a; echo lib > node_modules/a/b; chmod 750 node_modules/a/b; echo lock > lock; ln -s "
            "b node_modules/a/link")
        .step(save("v1-{{ checksum \"lock\" }}", {"node_modules", "missing"}))
        .step(save("v1-{{ checksum \"lock\" }}", {"node_modules"}))
        .start();
    ASSERT_EQ("succeeded", world.how());
    const std::string key = "v1-" + to_base64(*[] {
                                static std::string raw;
                                Sha256 hash;
                                hash.update("lock\n");
                                raw = hash.finish();
                                return &raw;
                            }());
    EXPECT_THAT(world.output(1), HasSubstr("Stored the cache '" + key + "'"));
    EXPECT_THAT(world.output(1), HasSubstr("missing' does not exist"));
    EXPECT_THAT(world.output(2), HasSubstr("exists already"));
    ASSERT_EQ(1u, world.gateway.caches.size());
    EXPECT_EQ(world.gateway.blobs[world.gateway.caches[0].blob].size(),
              static_cast<std::size_t>(world.gateway.caches[0].size));

    world.next_job();
    fs::remove_all(world.project() + "/node_modules");
    world.step(restore({"v1-nothing-like-it", "v1-"}))
        .run("cat node_modules/a/link; stat -c %a node_modules/a/b")
        .start();
    ASSERT_EQ("succeeded", world.how()) << world.output(0);
    EXPECT_THAT(world.output(0), HasSubstr("Found the cache '" + key + "'"));
    EXPECT_EQ("lib\n750\n", world.output(1));
}

TEST(Cache, a_miss_is_a_message) {
    World world;
    world.step(restore({"a-{{ .Branch }}", "b"})).start();
    EXPECT_EQ("succeeded", world.how());
    EXPECT_EQ("No cache is found for key 'a-'\nNo cache is found for key 'b'\n", world.output(0));
}

TEST(Cache, an_unknown_template_and_a_missing_file_of_the_key_fail_the_job) {
    World template_wrong;
    template_wrong.step(restore({"{{ .Nope }}"})).start();
    EXPECT_EQ("failed", template_wrong.how());
    World no_file;
    no_file.step(save("{{ checksum \"none.lock\" }}", {"x"})).start();
    EXPECT_THAT(no_file.told<Failed>().reason, HasSubstr("none.lock"));
}

TEST(Cache, nothing_to_save_does_not_fail_the_job) {
    World world;
    world.step(save("k", {"missing"})).start();
    EXPECT_EQ("succeeded", world.how());
    EXPECT_THAT(world.output(0), HasSubstr("the cache was not saved"));
    EXPECT_TRUE(world.gateway.caches.empty());
}

TEST(Cache, a_damaged_one_is_a_warning) {
    World world;
    world.run("echo x > x").step(save("k", {"x"})).start();
    ASSERT_EQ(1u, world.gateway.blobs.size());
    world.gateway.blobs.begin()->second.back() ^= 1;
    world.next_job();
    world.step(restore({"k"})).start();
    EXPECT_EQ("succeeded", world.how());
    EXPECT_THAT(world.output(0), HasSubstr("not what was stored"));
}

TEST(Cache, larger_than_the_limit_is_not_saved) {
    World world;
    world.assignment.limits.blob_bytes = 1 << 20;
    world.run("head -c 3000000 /dev/urandom > big").step(save("k", {"big"})).start();
    EXPECT_EQ("succeeded", world.how());
    EXPECT_THAT(world.output(1), HasSubstr("larger than 1 MB"));
}

TEST(Workspace, hands_files_on_in_layers) {
    World world;
    world.run("mkdir -p out/sub; echo one > out/one; echo two > out/sub/two; echo no > other")
        .step(PersistToWorkspaceStep{.root = ".", .paths = {"out/o*"}})
        .step(PersistToWorkspaceStep{.root = "out", .paths = {"sub"}})
        .start();
    ASSERT_EQ("succeeded", world.how()) << world.output(1) << world.output(2);
    ASSERT_EQ(2u, world.gateway.layers.size());
    EXPECT_EQ(1, world.gateway.layers[1].sequence);

    world.next_job();
    world.step(AttachWorkspaceStep{.at = "space"}).run("cd space; find . -type f | sort").start();
    ASSERT_EQ("succeeded", world.how()) << world.output(0);
    EXPECT_EQ("./out/one\n./sub/two\n", world.output(1));
}

TEST(Workspace, a_path_that_matches_nothing_fails_the_job) {
    World world;
    world.step(PersistToWorkspaceStep{.root = ".", .paths = {"none*"}}).start();
    EXPECT_EQ("failed", world.how());
    EXPECT_THAT(world.output(0), HasSubstr("'none*' matches nothing"));
}

TEST(Workspace, none_is_a_message) {
    World world;
    world.step(AttachWorkspaceStep{.at = "."}).start();
    EXPECT_EQ("succeeded", world.how());
    EXPECT_THAT(world.output(0), HasSubstr("workspace is empty"));
}

// Two jobs that persisted what `files` and `others` make, attached by a third one.
struct Siblings {
    Siblings(const std::string& files, const std::string& others, bool parallel = false) {
        for (const auto& [task, script] : {std::pair(0, files), std::pair(1, others)}) {
            world.next_job();
            fs::remove_all(world.project());
            fs::create_directories(world.project());
            world.run(script).step(PersistToWorkspaceStep{.root = ".", .paths = {"*"}}).start();
            EXPECT_EQ("succeeded", world.how());
            auto& layer = world.gateway.layers.back();
            layer.job = {parallel || task == 0 ? "id-a" : "id-b"};
            layer.job_name = layer.job.text == "id-a" ? "lint" : "test";
            layer.task = parallel ? task : 0;
        }
        world.gateway.upstream = {{{"id-a"}, {}}, {{"id-b"}, {}}};
        world.next_job();
        world.step(AttachWorkspaceStep{.at = "space"}).run("cd space; cat dist/app; ls");
    }
    World world;
};

TEST(Workspace, jobs_that_run_side_by_side_may_share_directories_but_no_file) {
    Siblings apart("mkdir dist; echo a > dist/app", "mkdir dist; echo b > dist/other; ln -s app dist/link");
    apart.world.start();
    EXPECT_EQ("succeeded", apart.world.how()) << apart.world.output(0);

    Siblings clash("mkdir dist; echo a > dist/app", "mkdir dist; echo a > dist/app");
    clash.world.start();
    EXPECT_THAT(clash.world.told<Failed>().reason,
                HasSubstr("jobs 'lint' and 'test' both persisted 'dist/app' to the workspace"));

    Siblings link("mkdir dist; echo a > dist/app", "mkdir dist; ln -s x dist/app");
    link.world.start();
    EXPECT_EQ("failed", link.world.how());
}

TEST(Workspace, a_job_that_requires_another_may_replace_its_files) {
    Siblings one("mkdir dist; echo a > dist/app", "mkdir dist; echo b > dist/app");
    one.world.gateway.upstream[1].after = {0};
    one.world.start();
    ASSERT_EQ("succeeded", one.world.how()) << one.world.output(0);
    EXPECT_EQ("b\ndist\n", one.world.output(1));
}

TEST(Workspace, parallel_copies_of_a_job_may_not_bring_the_same_file) {
    Siblings clash("mkdir dist; echo a > dist/app", "mkdir dist; echo b > dist/app", true);
    clash.world.start();
    EXPECT_THAT(clash.world.told<Failed>().reason,
                HasSubstr("copies 0 and 1 of job 'lint' both persisted 'dist/app' to the workspace"));
}

std::map<std::string, std::string> artifacts_of(World& world) {
    std::map<std::string, std::string> found;
    for (const auto& artifact : world.gateway.artifacts) found[artifact.path] = world.gateway.blobs[artifact.blob];
    return found;
}

TEST(Artifacts, are_stored_one_by_one_under_safe_names) {
    World world;
    world
        .run(
            "mkdir -p logs/deep; echo a > logs/a; echo b > logs/deep/b; : > logs/empty; printf x > 'logs/new\nline'; "
            "ln -s a logs/link; exit 1")
        .step(StoreArtifactsStep{.path = "logs"})
        .step(StoreArtifactsStep{.path = "logs/a", .destination = "renamed.txt"})
        .step(StoreArtifactsStep{.path = world.project() + "/logs/deep", .destination = "up/here"})
        .step(StoreArtifactsStep{.path = "nothing"})
        .start();
    EXPECT_EQ("failed", world.how()) << "artifacts are stored though the job has failed";
    const std::map<std::string, std::string> expected{
        {"logs/a", "a\n"},    {"logs/deep/b", "b\n"}, {"logs/empty", ""},  {"logs/new_line", "x"},
        {"logs/link", "a\n"}, {"renamed.txt", "a\n"}, {"up/here/b", "b\n"}};
    EXPECT_EQ(expected, artifacts_of(world));
    EXPECT_THAT(world.output(4), HasSubstr("there is no"));
}

TEST(TestResults, are_read_from_all_reports_below_a_path) {
    World world;
    world
        .run(
            "mkdir -p r/x/y r/.hidden; echo '<testsuite name=\"s\"><testcase name=\"one\"/><testcase "
            "name=\"two\"><failure message=\"no\"/></testcase></testsuite>' > r/a.xml;"
            "echo '<testsuite><testcase name=\"three\"/></testsuite>' > r/x/y/b.xml; echo '<broken' > r/c.xml; echo "
            "'<testsuite><testcase name=\"h\"/></testsuite>' > r/.hidden/d.xml")
        .step(StoreTestResultsStep{.path = "r"})
        .step(StoreTestResultsStep{.path = "none"})
        .start();
    EXPECT_EQ("succeeded", world.how());
    std::vector<std::string> names;
    for (const auto& [number, batch] : world.gateway.tests) {
        for (const auto& test : batch.tests) names.push_back(test.source + "/" + test.name);
    }
    EXPECT_THAT(names, ::testing::UnorderedElementsAre("s/one", "s/two", "b.xml/three"));
    EXPECT_THAT(world.output(1), HasSubstr("3 tests in 3 reports: 1 failed, 0 skipped"));
    EXPECT_THAT(world.output(1), HasSubstr("c.xml is no JUnit report that can be read: line "));
    EXPECT_THAT(world.output(2), HasSubstr("there is no"));
}

TEST(Transfers, carry_no_secret_in_names_and_messages) {
    World world;
    world.assignment.secrets = {{"S", "s3cr3t-value"}, {"PIN", "123"}};
    world
        .run(
            "echo x > $S.txt; echo \"<testsuite><testcase name='a $S'><failure "
            "message='$S!'/></testcase></testsuite>\" > r.xml")
        .step(StoreArtifactsStep{.path = "."})
        .step(StoreTestResultsStep{.path = "r.xml"})
        .start();
    EXPECT_TRUE(artifacts_of(world).contains("./****.txt") || artifacts_of(world).contains("****.txt"));
    ASSERT_EQ(1u, world.gateway.tests[0].tests.size());
    EXPECT_EQ("a ****", world.gateway.tests[0].tests[0].name);
    EXPECT_EQ("****!", world.gateway.tests[0].tests[0].message);
    EXPECT_THAT(world.gateway.outputs[0], HasSubstr("the value of PIN is too short to be masked"));
}

TEST(TestResults, travel_in_batches) {
    World world;
    world
        .run(
            "(echo '<testsuite>'; for i in $(seq 2500); do echo \"<testcase name='t$i'/>\"; done; echo '</testsuite>') "
            "> many.xml")
        .step(StoreTestResultsStep{.path = "many.xml"})
        .start();
    std::size_t count = 0;
    for (const auto& [number, batch] : world.gateway.tests) {
        EXPECT_LE(batch.tests.size(), 1000u);
        count += batch.tests.size();
    }
    EXPECT_EQ(2500u, count);
}

TEST(TestResults, believe_no_names_without_bounds) {
    struct Case {
        const char* script;
        const char* expected;
    };
    for (const auto& [script, expected] : {Case{"head -c 5000 /dev/zero | tr '\\0' a", "longer than 4096 bytes"},
                                           Case{"cat /dev/zero", "more than 10000"}}) {
        World world;
        world.replace_helper("find-xml", script).step(StoreTestResultsStep{.path = "."}).start();
        EXPECT_EQ("succeeded", world.how());
        EXPECT_THAT(world.output(0), HasSubstr(expected));
    }
}

TEST(Transfers, end_the_job_where_its_box_is_gone) {
    struct Case {
        const char* command;
        Step step;
    };
    for (const auto& [command, step] :
         {Case{"collect", StoreArtifactsStep{.path = "x"}}, Case{"find-xml", StoreTestResultsStep{.path = "x"}},
          Case{"pack", save("k", {"x"})}}) {
        World world;
        world.replace_helper(command, "kill -9 $PPID").step(step).start();
        EXPECT_EQ("infrastructure_failed", world.how()) << command;
    }
}

// Files of this process cannot grow beyond a size, as on a full disk.
class FullDisk {
public:
    explicit FullDisk(rlim_t bytes) : handler_(::signal(SIGXFSZ, SIG_IGN)) {
        ::getrlimit(RLIMIT_FSIZE, &before_);
        const rlimit limit{bytes, before_.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &limit);
    }
    ~FullDisk() {
        ::setrlimit(RLIMIT_FSIZE, &before_);
        ::signal(SIGXFSZ, handler_);
    }
    FullDisk(const FullDisk&) = delete;
    FullDisk& operator=(const FullDisk&) = delete;

private:
    rlimit before_{};
    void (*handler_)(int);
};

TEST(Transfers, end_the_job_where_the_disk_of_this_machine_is_full) {
    World world;
    world.run("head -c 1000000 /dev/urandom > x")
        .step(save("k", {"x"}))
        .step(PersistToWorkspaceStep{.root = ".", .paths = {"x"}})
        .start();
    ASSERT_EQ("succeeded", world.how());
    const FullDisk full(200'000);
    for (const Step& step :
         {Step(StoreArtifactsStep{.path = "x"}), Step(save("other", {"x"})), Step(restore({"k"})),
          Step(PersistToWorkspaceStep{.root = ".", .paths = {"x"}}), Step(AttachWorkspaceStep{.at = "space"})}) {
        world.next_job();
        world.step(step).start();
        EXPECT_THAT(world.told<InfrastructureFailed>().reason, HasSubstr("this machine's disk"));
        EXPECT_TRUE(world.told<InfrastructureFailed>().retryable);
    }
}

TEST(Workspace, a_layer_that_the_server_lost_or_damaged_is_our_failure) {
    World world;
    world.run("echo x > x").step(PersistToWorkspaceStep{.root = ".", .paths = {"x"}}).start();
    ASSERT_EQ(1u, world.gateway.blobs.size());
    world.gateway.blobs.begin()->second.back() ^= 1;
    world.next_job();
    world.step(AttachWorkspaceStep{.at = "space"}).start();
    EXPECT_THAT(world.told<InfrastructureFailed>().reason, HasSubstr("not what was stored"));
    world.gateway.blobs.clear();
    world.next_job();
    world.step(AttachWorkspaceStep{.at = "space"}).start();
    EXPECT_THAT(world.told<InfrastructureFailed>().reason, HasSubstr("no such blob"));
}

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

TEST(Checkout, keeps_the_password_of_the_remote_out_of_every_file) {
    World world;
    world.assignment.source = {
        .remote = "http://bot:s3cret@127.0.0.1:1/x.git", .branch = "main", .revision = std::string(40, 'a')};
    world.step(CheckoutStep{}).start();
    int configs = 0;
    for (const auto& entry : fs::recursive_directory_iterator(world.root)) {
        if (entry.path().filename() != "config" || !entry.is_regular_file()) continue;
        ++configs;
        std::ifstream file(entry.path());
        const std::string text{std::istreambuf_iterator<char>(file), {}};
        EXPECT_THAT(text, HasSubstr("127.0.0.1:1/x.git")) << entry.path();
        EXPECT_EQ(std::string::npos, text.find("s3cret")) << entry.path();
    }
    EXPECT_EQ(1, configs);
}

TEST(BareRemote, has_no_password) {
    EXPECT_EQ("https://git.example/x.git", without_password("https://bot:s3cret@git.example/x.git").url);
    EXPECT_EQ("s3cret", without_password("https://bot:s3cret@git.example/x.git").password);
    EXPECT_EQ("s3@ret", without_password("https://bot:s3@ret@git.example/x.git").password);
    for (const auto* plain : {"git@git.example:org/x.git", "ssh://git@host:22/x", "https://host/a:b@c", "/srv/git/x",
                              "https://me@host/x"}) {
        EXPECT_EQ(plain, without_password(plain).url);
        EXPECT_EQ("", without_password(plain).password);
    }
}

}  // namespace
}  // namespace gyre::agent
