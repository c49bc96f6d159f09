// Images without an engine: their names, their credentials, and what is kept of them.

#include "agent/executors/oci_images.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "agent/executors/sandbox_tree.h"
#include "agent/executors/small_files.h"
#include "base/json.h"

namespace gyre::agent {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string digest_of(char digit) { return "sha256:" + std::string(64, digit); }

TEST(ImageDigest, is_sha256_in_lower_digits_and_nothing_else) {
    EXPECT_TRUE(is_image_digest(digest_of('a')));
    for (const std::string& text :
         {std::string(), std::string("sha256:"), "sha256:" + std::string(63, 'a'), "sha256:" + std::string(65, 'a'),
          "sha256:" + std::string(64, 'A'), "sha512:" + std::string(64, 'a'), "sha256:../../" + std::string(58, 'a'),
          digest_of('a') + "\n"})
        EXPECT_FALSE(is_image_digest(text)) << text;
}

TEST(LoopbackRegistry, is_on_this_machine_and_not_only_called_so) {
    for (const char* registry :
         {"localhost", "localhost:5000", "127.0.0.1", "127.0.0.1:5000", "127.1.2.3", "[::1]:5000"})
        EXPECT_TRUE(is_loopback_registry(registry)) << registry;
    for (const char* registry : {"", "docker.io", "127.0.0.1.example.com", "localhost.example.com:5000", "127.example",
                                 "10.0.0.1:5000", "1127.0.0.1"})
        EXPECT_FALSE(is_loopback_registry(registry)) << registry;
}

TEST(RegistryFile, holds_the_credentials_of_one_registry_and_of_no_other) {
    EXPECT_EQ(registry_file("127.0.0.1:5000", "bob", "s3cret"),
              R"({"auths":{"127.0.0.1:5000":{"auth":"Ym9iOnMzY3JldA=="}}})");
    EXPECT_THAT(registry_file("", "bob", "x"), HasSubstr("\"docker.io\""));
    EXPECT_EQ(registry_file("quay.io", "", ""), R"({"auths":{}})");
}

TEST(SkopeoSource, names_the_digest_where_one_is_known) {
    const auto tagged = parse_image_reference("127.0.0.1:5000/ci/bb:1");
    ASSERT_TRUE(tagged);
    EXPECT_EQ(skopeo_source(*tagged, ""), "docker://127.0.0.1:5000/ci/bb:1");
    EXPECT_EQ(skopeo_source(*tagged, digest_of('b')), "docker://127.0.0.1:5000/ci/bb@" + digest_of('b'));
    const auto fixed = parse_image_reference("ci/bb:1@" + digest_of('c'));
    ASSERT_TRUE(fixed);
    EXPECT_EQ(skopeo_source(*fixed, ""), "docker://ci/bb@" + digest_of('c'));
}

TEST(OciTools, that_are_missing_are_named_with_what_to_install) {
    const auto none = find_oci_tools("/nonexistent:relative:", true);
    ASSERT_FALSE(none);
    EXPECT_THAT(none.error().message, HasSubstr("apt-get install skopeo umoci crun"));
}

TEST(OciTools, are_found_with_one_runtime_at_least_and_need_root) {
    char place[] = "/tmp/gyre-tools-XXXXXX";
    const std::string folder = ::mkdtemp(place);
    const auto add = [&](const char* name) {
        std::ofstream(folder + "/" + name) << "#!/bin/sh\n";
        ::chmod((folder + "/" + name).c_str(), 0755);
    };
    add("skopeo");
    add("umoci");
    EXPECT_THAT(find_oci_tools(folder, true).error().message, HasSubstr("apt-get install crun)"));
    add("runc");
    const auto found = find_oci_tools(folder, true);
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_THAT(found->runtimes, ElementsAre(folder + "/runc"));
    EXPECT_EQ(found->slirp4netns, "");
    add("crun");
    EXPECT_THAT(find_oci_tools(folder, true)->runtimes, ElementsAre(folder + "/crun", folder + "/runc"));
    EXPECT_THAT(find_oci_tools(folder, false).error().message, HasSubstr("root"));
    EXPECT_TRUE(remove_tree(folder));
}

TEST(OciTools, say_what_they_mean) {
    EXPECT_EQ(said_by_tool("time=\"2026\" level=fatal msg=\"Error parsing \\\"x\\\": manifest unknown\"\n"),
              "Error parsing \"x\": manifest unknown");
    EXPECT_EQ(said_by_tool("   • unpacking rootfs ...     \n   ⨯ create rootfs: unpack layer: unexpected EOF\n"),
              "create rootfs: unpack layer: unexpected EOF");
    EXPECT_EQ(said_by_tool("plain words\n"), "plain words");
    EXPECT_EQ(said_by_tool(""), "");
    EXPECT_EQ(said_by_tool("level=fatal msg=\"cut\\"), "cut\\");
}

TEST(OciTools, that_are_called_end_when_the_job_must_stop) {
    int ends[2];
    ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    const Fd reading(ends[0]);
    Fd writing(ends[1]);
    writing.reset();
    const auto stopped = run_tool({.argv = {"sleep", "1000"}, .cancel = reading.get()});
    ASSERT_FALSE(stopped);
    EXPECT_EQ(stopped.error().fault, Fault::unavailable);
    const auto told = run_tool({.argv = {"sh", "-c", "echo out; echo err >&2; exit 3"}});
    ASSERT_TRUE(told) << told.error().message;
    EXPECT_EQ(told->exit_code, 3);
    EXPECT_EQ(told->out, "out\n");
    EXPECT_EQ(told->err, "err\n");
    const auto endless = run_tool({.argv = {"yes"}, .output_limit = 1'000});
    ASSERT_FALSE(endless);
    EXPECT_EQ(endless.error().fault, Fault::too_large);
}

// Images as a fetch leaves them, without one.
class KeptImages : public ::testing::Test {
protected:
    void SetUp() override {
        char place[] = "/tmp/gyre-images-XXXXXX";
        directory_ = ::mkdtemp(place);
    }
    void TearDown() override { EXPECT_TRUE(remove_tree(directory_)); }

    // `age` orders them: the larger, the longer unused.
    void add(char digit, std::int64_t bytes, int age) {
        const std::string place = image(digit);
        fs::create_directories(place + "/root/etc");
        std::ofstream(place + "/image.json")
            << to_json_text(StoredImage{.id = digest_of('0'), .digest = digest_of(digit), .bytes = bytes});
        std::ofstream(place + "/lock") << "";
        const timespec when[2] = {{1'000'000 - age, 0}, {1'000'000 - age, 0}};
        ASSERT_EQ(::utimensat(AT_FDCWD, (place + "/lock").c_str(), when, 0), 0);
    }
    std::string image(char digit) const { return directory_ + "/images/" + std::string(64, digit); }
    std::vector<std::string> keep_within(std::int64_t bytes) { return OciImages(directory_, {}).keep_within(bytes); }
    Result<OciImage> have(const std::string& reference) {
        const ContainerSpec container{.image = reference};
        const Environment none;
        return OciImages(directory_, {.skopeo = "/nonexistent/skopeo"})
            .have({.container = &container, .variables = &none, .scratch = directory_, .say = [](std::string_view) {}});
    }

    std::string directory_;
};

TEST_F(KeptImages, go_when_they_are_more_than_the_budget_the_longest_unused_first) {
    add('a', 100, 1);
    add('b', 100, 3);
    add('c', 100, 2);
    EXPECT_THAT(keep_within(300), IsEmpty());
    EXPECT_THAT(keep_within(250), ElementsAre(digest_of('b')));
    EXPECT_FALSE(fs::exists(image('b')));
    EXPECT_THAT(keep_within(0), IsEmpty()) << "0: no budget";
    EXPECT_THAT(keep_within(1), ElementsAre(digest_of('c'), digest_of('a')));
}

TEST_F(KeptImages, stay_while_a_job_uses_them) {
    add('a', 100, 2);
    add('b', 100, 1);
    {
        const auto used = have("ci/bb@" + digest_of('a'));
        ASSERT_TRUE(used) << used.error().message;
        EXPECT_EQ(used->root, image('a') + "/root");
        EXPECT_EQ(used->config.facts.digest, digest_of('a'));
        EXPECT_THAT(keep_within(1), ElementsAre(digest_of('b')));
        EXPECT_TRUE(fs::exists(image('a') + "/root"));
    }
    EXPECT_THAT(keep_within(1), ElementsAre(digest_of('a')));
}

TEST_F(KeptImages, that_are_damaged_are_not_used) {
    add('a', 100, 1);
    std::ofstream(image('a') + "/image.json") << "{\"digest\":";
    EXPECT_FALSE(have("ci/bb@" + digest_of('a')));
    add('b', 100, 1);
    fs::remove_all(image('b') + "/root");
    EXPECT_FALSE(have("ci/bb@" + digest_of('b')));
    add('c', 100, 1);
    std::ofstream(image('c') + "/image.json") << to_json_text(StoredImage{.digest = digest_of('d')});
    EXPECT_FALSE(have("ci/bb@" + digest_of('c')));
}

// EMFILE, EIO and the like are told as they are: a fetch would put another image where this one may be in use.
TEST_F(KeptImages, whose_lock_cannot_be_opened_are_neither_fetched_anew_nor_removed) {
    add('a', 100, 1);
    fs::remove(image('a') + "/lock");
    fs::create_symlink("lock", image('a') + "/lock");  // ELOOP, for root as well
    std::ofstream(directory_ + "/skopeo")
        << "#!/bin/sh\ncase $* in *copy*) touch " << directory_ << "/fetched ;; esac\necho {}\n";
    ::chmod((directory_ + "/skopeo").c_str(), 0755);
    const ContainerSpec container{.image = "ci/bb@" + digest_of('a')};
    const Environment none;
    const auto refused =
        OciImages(directory_, {.skopeo = directory_ + "/skopeo"})
            .have({.container = &container, .variables = &none, .scratch = directory_, .say = [](std::string_view) {}});
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("/lock"));
    EXPECT_FALSE(fs::exists(directory_ + "/fetched"));
    EXPECT_THAT(keep_within(1), IsEmpty());
    EXPECT_TRUE(fs::exists(image('a') + "/root"));
}

TEST_F(KeptImages, half_made_ones_of_dead_agents_go) {
    fs::create_directories(directory_ + "/new-abcdef/layout");
    fs::create_directories(directory_ + "/new-living");
    const Fd living(::open((directory_ + "/new-living").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    ASSERT_EQ(::flock(living.get(), LOCK_EX), 0);
    keep_within(0);
    EXPECT_FALSE(fs::exists(directory_ + "/new-abcdef"));
    EXPECT_TRUE(fs::exists(directory_ + "/new-living"));
}

TEST_F(KeptImages, leave_no_names_no_locks_and_nothing_half_written_behind) {
    add('a', 100, 2);
    add('b', 100, 1);
    for (const char* part : {"/names", "/images"}) fs::create_directories(directory_ + part);
    const auto write = [&](const std::string& name, const std::string& text) {
        std::ofstream(directory_ + "/" + name) << text;
    };
    write("names/of-a", digest_of('a'));
    write("names/of-b", digest_of('b'));
    write("names/of-none", digest_of('c'));
    write("names/damaged", "sha256:../../../etc");
    write("names/old.new-77", digest_of('b'));
    write("names/young.new-78", digest_of('b'));
    const timespec long_ago[2] = {{1'000'000, 0}, {1'000'000, 0}};
    ASSERT_EQ(::utimensat(AT_FDCWD, (directory_ + "/names/old.new-77").c_str(), long_ago, 0), 0);
    write("fetching-dead", "");
    write("fetching-living", "");
    const Fd living(::open((directory_ + "/fetching-living").c_str(), O_RDWR | O_CLOEXEC));
    ASSERT_EQ(::flock(living.get(), LOCK_EX), 0);
    EXPECT_THAT(keep_within(150), ElementsAre(digest_of('a')));
    const auto there = [&](const char* name) { return fs::exists(directory_ + "/" + name); };
    for (const char* name : {"names/of-a", "names/of-none", "names/damaged", "names/old.new-77", "fetching-dead"})
        EXPECT_FALSE(there(name)) << name;
    for (const char* name : {"names/of-b", "names/young.new-78", "fetching-living"}) EXPECT_TRUE(there(name)) << name;
}

TEST_F(KeptImages, are_not_named_by_halves_when_the_disk_refuses) {
    fs::create_directories(directory_ + "/name");  // nothing can be renamed to it
    EXPECT_FALSE(write_text(directory_ + "/name", "text"));
    EXPECT_EQ(std::distance(fs::directory_iterator(directory_), fs::directory_iterator()), 1);
}

TEST(BrokenLayers, are_the_images_doing_and_a_full_disk_is_ours) {
    struct Case {
        int exit_code;
        const char* said;
        Fault fault;
    };
    const std::vector<Case> cases{
        {1, "⨯ create rootfs: unpack layer: read next entry: archive/tar: invalid tar header", Fault::invalid},
        {1, "⨯ create rootfs: create gzip reader: gzip: invalid header", Fault::invalid},
        {1, "⨯ create rootfs: unpack layer: unpack entry: x: short write: unexpected EOF", Fault::invalid},
        {1, "⨯ create rootfs: unpack manifest: layer sha256:ab: diffid mismatch: got sha256:cd", Fault::invalid},
        {1, "level=fatal msg=\"zstd: invalid input: magic number mismatch\"", Fault::invalid},
        {1, "", Fault::unavailable},
        {1, "⨯ create rootfs: mkdir rootfs: mkdir image/root: no such file or directory", Fault::unavailable},
        {1, "⨯ create rootfs: unpack entry: x: short write: write x: no space left on device", Fault::unavailable},
        {1, "level=fatal msg=\"write /x: disk quota exceeded\"", Fault::unavailable},
        {1, "level=fatal msg=\"open /x: too many open files\"", Fault::unavailable},
        {137, "", Fault::unavailable},
    };
    for (const auto& one : cases) {
        const Error error = explain_unpack("ci/bb:1", {.exit_code = one.exit_code, .out = "", .err = one.said});
        EXPECT_EQ(error.fault, one.fault) << one.said;
        EXPECT_THAT(error.message, HasSubstr("ci/bb:1"));
    }
}

}  // namespace
}  // namespace gyre::agent
