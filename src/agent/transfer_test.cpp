// Steps that move files: caches, workspaces, artifacts, test results.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <array>
#include <atomic>
#include <sstream>
#include <utility>

#include "agent/attempt_harness.h"
#include "agent/spool.h"
#include "base/digest.h"
#include "model/chunk_list.h"

namespace gyre::agent {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;
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
    const auto chunks = read_chunk_list(world.gateway.blobs[world.gateway.caches[0].blob]);
    ASSERT_TRUE(chunks.ok());
    EXPECT_EQ(stored_bytes(*chunks), world.gateway.caches[0].size);

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

void damage(World& world, bool list) {
    for (auto& [name, bytes] : world.gateway.blobs) {
        if (is_chunk_list(bytes) == list) bytes.back() = static_cast<char>(bytes.back() ^ 1);
    }
}

TEST(Cache, a_damaged_one_is_a_warning) {
    for (const bool list : {true, false}) {
        World world;
        world.run("echo x > x").step(save("k", {"x"})).start();
        ASSERT_EQ(2u, world.gateway.blobs.size()) << "a list and a chunk";
        damage(world, list);
        world.next_job();
        world.step(restore({"k"})).start();
        EXPECT_EQ("succeeded", world.how());
        EXPECT_THAT(world.output(0), HasSubstr("not what was stored"));
    }
}

// As a server sends what it finds damaged: an answer to HEAD, and nothing, or an error, to GET.
void spoil_downloads(World& world, Mishap how, int& downloads) {
    world.gateway.mishap = [how, &downloads](const std::string& method, const std::string& what) {
        if (method != "GET" || !what.starts_with("blobs/")) return Mishap::none;
        ++downloads;
        return how;
    };
}

TEST(Cache, that_the_server_cannot_send_is_a_warning_after_a_few_tries) {
    for (const Mishap how : {Mishap::hang_up, Mishap::busy}) {
        World world;
        int downloads = 0;
        spoil_downloads(world, how, downloads);
        world.run("echo x > x").step(save("k", {"x"})).start();
        world.next_job();
        world.step(restore({"k"})).run("echo went on").start();
        EXPECT_EQ("succeeded", world.how());
        EXPECT_THAT(world.output(0), HasSubstr("failed 5 times to send it"));
        EXPECT_EQ("went on\n", world.output(1));
        EXPECT_LE(downloads, 10) << "a kept connection that has gone is tried once more";
    }
}

TEST(Cache, is_restored_once_a_server_that_was_away_is_back) {
    World world;
    world.run("echo x > x").step(save("k", {"x"})).start();
    world.next_job();
    int away = 8;
    world.gateway.mishap = [&](const std::string&, const std::string& what) {
        return what.starts_with("blobs/") && away-- > 0 ? Mishap::hang_up : Mishap::none;
    };
    world.step(restore({"k"})).start();
    EXPECT_THAT(world.output(0), HasSubstr("Restored it"));
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

std::vector<std::string> lines_with(const std::string& output, const std::string& beginning) {
    std::vector<std::string> found;
    std::istringstream lines(output);
    for (std::string line; std::getline(lines, line);)
        if (line.starts_with(beginning)) found.push_back(line);
    return found;
}

TEST(Artifacts, by_the_hundred_are_told_in_their_order_whatever_befalls_them) {
    World world;
    std::atomic<int> calls = 0;
    world.gateway.mishap = [&](const std::string& method, const std::string& what) {
        if (method == "GET" || !(what.starts_with("blobs/") || what == "artifacts")) return Mishap::none;
        constexpr std::array mishaps{Mishap::hang_up, Mishap::lose_answer, Mishap::busy};
        const int call = calls++;
        return call % 50 == 49 ? mishaps.at(static_cast<std::size_t>(call / 50) % 3) : Mishap::none;
    };
    world.run("mkdir many; for i in $(seq 300); do echo $i > many/$i; done")
        .step(StoreArtifactsStep{.path = "many"})
        .step(StoreArtifactsStep{.path = "many"})
        .start();
    ASSERT_EQ("succeeded", world.how());
    const auto found = artifacts_of(world);
    EXPECT_EQ(300U, found.size());
    for (const auto& [path, bytes] : found) EXPECT_EQ(path, "many/" + bytes.substr(0, bytes.size() - 1));
    const auto told = lines_with(world.output(1), "Stored ");
    EXPECT_EQ(300U, told.size());
    EXPECT_EQ(told, lines_with(world.output(2), "Stored ")) << "as the files are collected";
    EXPECT_THAT(world.output(1), HasSubstr("300 artifacts, 1.1 kB in all"));
}

TEST(Artifacts, of_one_name_are_replaced_by_the_last) {
    World world;
    bool first = true;
    world.gateway.mishap = [&](const std::string&, const std::string& what) {
        return what == "artifacts" && std::exchange(first, false) ? Mishap::busy : Mishap::none;
    };
    world.run("mkdir d; printf 1 > 'd/a\nb'; printf 22 > d/a_b").step(StoreArtifactsStep{.path = "d"}).start();
    ASSERT_EQ(2U, world.gateway.artifacts.size());
    const auto stored = lines_with(world.output(1), "Stored d/a_b ");
    ASSERT_EQ(2U, stored.size());
    EXPECT_THAT(stored.back(), HasSubstr(std::to_string(world.gateway.artifacts.back().size) + " bytes"));
}

TEST(Artifacts, that_are_too_large_leave_room_for_the_others) {
    World world;
    world.assignment.limits.blob_bytes = 1 << 20;
    world
        .run(
            "mkdir d; for i in 1 3 5; do echo $i > d/$i; done; for i in 2 4; do head -c 3000000 /dev/zero > d/$i; done")
        .step(StoreArtifactsStep{.path = "d"})
        .start();
    EXPECT_EQ("succeeded", world.how());
    EXPECT_EQ((std::map<std::string, std::string>{{"d/1", "1\n"}, {"d/3", "3\n"}, {"d/5", "5\n"}}),
              artifacts_of(world));
    EXPECT_THAT(world.output(1), HasSubstr("Leaving out '2': larger than 1 MB"));
    EXPECT_THAT(world.output(1), HasSubstr("3 artifacts, 6 bytes in all"));
}

TEST(Artifacts, on_their_way_are_given_up_when_the_job_is_canceled) {
    World world;
    world.gateway.mishap = [&](const std::string&, const std::string& what) {
        if (what == "artifacts" && world.gateway.artifacts.size() == 20) world.gateway.ask_to_stop();
        return what == "artifacts" && world.gateway.artifacts.size() >= 20 ? Mishap::busy : Mishap::none;
    };
    world.run("mkdir many; for i in $(seq 300); do echo $i > many/$i; done")
        .step(StoreArtifactsStep{.path = "many"})
        .start();
    EXPECT_EQ("canceled", world.how());
    EXPECT_LT(world.gateway.artifacts.size(), 30U);
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
    EXPECT_THAT(world.output(1), HasSubstr("3 tests in 3 reports (1 of them broken): 1 failed, 0 skipped"));
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

TEST(Spool, keeps_no_output_behind_a_gap_that_a_full_disk_tore) {
    const auto spool = *Spool::open("/tmp", 101, 1 << 20, [](bool) {});
    spool->write(std::string(1000, 'a'));
    {
        const FullDisk full(1000);
        spool->write("lost");
    }
    spool->write("behind");
    spool->finish();
    EXPECT_EQ(1000, spool->length());
    EXPECT_THAT(spool->trouble(), HasSubstr("this machine's disk"));
}

TEST(Transfers, end_the_job_where_the_disk_of_this_machine_is_full) {
    World world;
    world.run("head -c 1000000 /dev/urandom > x")
        .step(save("k", {"x"}))
        .step(PersistToWorkspaceStep{.root = ".", .paths = {"x"}})
        .start();
    ASSERT_EQ("succeeded", world.how());
    const FullDisk full(200'000);
    world.next_job();
    world.step(StoreArtifactsStep{.path = "x"}).start();
    EXPECT_THAT(world.told<InfrastructureFailed>().reason, HasSubstr("this machine's disk"));
    EXPECT_TRUE(world.told<InfrastructureFailed>().retryable);
    // Chunks need none of it.
    world.next_job();
    world.step(save("other", {"x"})).step(PersistToWorkspaceStep{.root = ".", .paths = {"x"}}).start();
    EXPECT_EQ("succeeded", world.how());
    EXPECT_THAT(world.output(0), HasSubstr("Stored the cache 'other'"));
}

TEST(Workspace, a_layer_that_the_server_lost_or_damaged_is_our_failure) {
    for (const bool list : {true, false}) {
        World world;
        world.run("echo x > x").step(PersistToWorkspaceStep{.root = ".", .paths = {"x"}}).start();
        ASSERT_EQ(2u, world.gateway.blobs.size());
        damage(world, list);
        world.next_job();
        world.step(AttachWorkspaceStep{.at = "space"}).start();
        EXPECT_THAT(world.told<InfrastructureFailed>().reason, HasSubstr("not what was stored"));
        EXPECT_TRUE(world.told<InfrastructureFailed>().retryable) << "it may have been the line, or this machine";
        std::erase_if(world.gateway.blobs, [&](const auto& blob) { return is_chunk_list(blob.second) == list; });
        world.next_job();
        world.step(AttachWorkspaceStep{.at = "space"}).start();
        EXPECT_THAT(world.told<InfrastructureFailed>().reason, HasSubstr("no such blob"));
        EXPECT_THAT(world.told<InfrastructureFailed>().reason, HasSubstr("rerun the workflow from its start"));
        EXPECT_FALSE(world.told<InfrastructureFailed>().retryable) << "it is lost for the next attempt as well";
    }
}

TEST(Workspace, a_layer_that_the_server_cannot_send_is_our_failure) {
    World world;
    int downloads = 0;
    spoil_downloads(world, Mishap::hang_up, downloads);
    world.run("echo x > x").step(PersistToWorkspaceStep{.root = ".", .paths = {"x"}}).start();
    world.next_job();
    world.step(AttachWorkspaceStep{.at = "space"}).start();
    EXPECT_THAT(world.told<InfrastructureFailed>().reason, HasSubstr("failed 5 times to send it"));
}

}  // namespace
}  // namespace gyre::agent
