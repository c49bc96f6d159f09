// The demo's sample in real containers: Docker and Podman, images from a registry that wants a password, and a service
// container that the job reaches on localhost.

#include "support/engines.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/json.h"
#include "support/eventually.h"
#include "support/leftovers.h"
#include "support/machine_image.h"
#include "support/story.h"

namespace gyre::test {
namespace {

namespace fs = std::filesystem;

// A step's: images of tests have no `docker`.
constexpr const char* ask_engine = R"py(
        python3 -c '
        import http.client, json, os, socket
        line = socket.socket(socket.AF_UNIX)
        line.connect(os.environ["DOCKER_HOST"].removeprefix("unix://"))
        engine = http.client.HTTPConnection("localhost")
        engine.sock = line
        engine.request("GET", "/containers/json?all=1")
        print("containers of this engine:", len(json.loads(engine.getresponse().read())))
        '
)py";

class Engines : public Story, public testing::WithParamInterface<const char*> {
protected:
    void SetUp() override {
        if (const std::string need = engines_need(); !need.empty()) GTEST_SKIP() << need;
        if (!fs::exists("/usr/bin/python3")) GTEST_SKIP() << "needs /usr/bin/python3: apt-get install python3";
        auto engine = start_private_engine(GetParam());
        ASSERT_TRUE(engine) << engine.error().message;
        engine_ = std::move(*engine);
        auto registry = start_registry(engine_->network, engine_->files.make("registry"));
        ASSERT_TRUE(registry) << registry.error().message;
        registry_ = std::move(*registry);
        const auto imported = import_machine_image(
            *engine_->running, engine_->files.path(),
            {.name = "ci/python",
             .programs = {"bash", "sh", "cat", "cp", "env", "grep", "gzip", "ls", "mkdir", "mv", "python3", "rm", "seq",
                          "sha256sum", "sleep", "tar", "tee", "timeout", "wc"},
             .folders = {"/usr/lib/python3.*"}});
        ASSERT_TRUE(imported) << imported.error().message;
        const auto published = publish(*engine_->running, registry_, "ci/python", "1");
        ASSERT_TRUE(published) << published.error().message;
        start({.sandbox = "off", .docker_socket = engine_->running->socket()});
    }

    std::string image() const { return registry_.address + "/ci/python:1"; }
    // A container entry of the config, with the registry's password out of the job's environment.
    std::string container(const std::string& more = "") const {
        return "    - image: " + image() + "\n      auth: {username: " + registry_.username +
               ", password: $REGISTRY_PASSWORD}\n" + more;
    }

    // The sample as it is, but for the image and a service beside the job `smoke`.
    void write_sample() {
        const fs::path sample = GYRE_SOURCE_DIR "/tools/demo/sample";
        for (const auto& entry : fs::recursive_directory_iterator(sample)) {
            if (entry.is_regular_file())
                repository().write(fs::relative(entry.path(), sample), read_file(entry.path()));
        }
        std::string text = read_file(sample / ".circleci/config.yml");
        replace(text, "    - image: cimg/python:3.11\n",
                container() + "  environment: {REGISTRY_PASSWORD: " + registry_.password + "}\n");
        replace(text, "  smoke:\n    <<: *defaults\n",
                "  smoke:\n    <<: *defaults\n    docker:\n" + container() +
                    container("      command: [python3, -m, http.server, \"8000\"]\n"));
        replace(
            text, "            python3 tools/buy.py",
            "            timeout 60 bash -c 'until exec 3<>/dev/tcp/127.0.0.1/8000; do sleep 0.1; done' 2>/dev/null\n"
            "            echo the service answers\n"
            "            python3 tools/buy.py");
        config(text);
    }

    static void replace(std::string& text, const std::string& what, const std::string& by) {
        const auto place = text.find(what);
        ASSERT_NE(place, std::string::npos) << what;
        text.replace(place, what.size(), by);
    }

    // With the images that the job had, by their digests.
    void replay_in_containers(const std::string& job) {
        const std::string number = std::to_string(number_at(newest().job(job), "job_number"));
        const Finished shown = server().gyre({"jobs", "manifest", "git/app", number});
        EXPECT_NE(shown.out.find(image() + "  sha256:"), std::string::npos) << shown.out << shown.err;
        const Finished again = server().gyre({"replay", "git/app", number, "--docker-socket",
                                              engine_->running->socket(), "--cache-dir", directory() + "/replays"});
        EXPECT_EQ(again.exit_code, 0) << again.out << again.err;
        EXPECT_NE(again.out.find("it ran with the same as on the server"), std::string::npos) << again.out << again.err;
        EXPECT_NE(again.out.find("/ci/python@sha256:"), std::string::npos) << again.out;
        fs::remove_all(directory() + "/replays");
    }

    // Of all containers, ended ones as well.
    std::vector<std::string> boxes() const {
        http::Client client(http::Endpoint{engine_->running->socket(), {}, {}});
        const auto left = client.send({.target = "/containers/json?all=1"});
        const auto containers = left ? parse_json(left->body) : Result<json::value>(left.error());
        if (!containers) throw std::runtime_error(containers.error().message);
        std::vector<std::string> boxes;
        for (const auto& one : containers->as_array()) boxes.emplace_back(one.at("Labels").at("gyre.box").as_string());
        return boxes;
    }

    std::unique_ptr<PrivateEngine> engine_;
    RunningRegistry registry_;
};

TEST_P(Engines, run_the_sample_in_containers) {
    if (IsSkipped()) return;
    write_sample();
    EXPECT_EQ(push("the sample").wait().status(), "success");
    expect_job("prepare").succeeded().printed("no catalogue in the cache");
    for (const char* job : {"test", "lint", "package"}) expect_job(job).succeeded();
    expect_job("smoke").succeeded().printed("the service answers").printed("three packets of tea cost 10.47");
    EXPECT_EQ(newest().outputs("prepare").find("is not used"), std::string::npos);
    EXPECT_EQ(newest().outputs("smoke").find(registry_.password), std::string::npos);
    repository().write("README.md", "changed\n");
    EXPECT_EQ(push("again").wait().status(), "success");
    expect_job("prepare").printed("the catalogue came from the cache");
    replay_in_containers("smoke");
    for (const auto& box : boxes()) EXPECT_TRUE(box.starts_with("ready-")) << box;  // for the next job
}

// An agent that waits is told to go when the server stops, and its container goes with it.
TEST_P(Engines, hold_nothing_of_ours_when_the_server_has_stopped) {
    if (IsSkipped()) return;
    config("version: 2.1\njobs:\n  build:\n    docker:\n" + container() +
           "    environment: {REGISTRY_PASSWORD: " + registry_.password +
           "}\n    resource_class: small\n    steps: [run: echo done]\nworkflows:\n  all:\n    jobs: [build]\n");
    for (const char* change : {"first", "second"}) EXPECT_EQ(push(change).wait().status(), "success");
    eventually("a container stands ready", [this] {
        const auto left = boxes();
        return left.size() == 1 && left.front().starts_with("ready-");
    });
    EXPECT_EQ(server().stop(), 0);
    eventually("it is removed", [this] { return boxes().empty(); });
}

// It is the image's fault, which no other attempt would mend.
TEST_P(Engines, fail_a_job_once_whose_user_cannot_write_to_tmp_of_its_image) {
    if (IsSkipped()) return;
    const auto root = busybox_root(engine_->files.path());
    ASSERT_TRUE(root) << root.error().message;
    fs::permissions(*root + "/tmp", fs::perms(0755));
    const auto imported = import_busybox(*engine_->running, engine_->files.path(), "ci/closed", "1", {});
    ASSERT_TRUE(imported) << imported.error().message;
    config(R"(version: 2.1
jobs:
  build:
    docker: [{image: "ci/closed:1", user: ci}]
    shell: /bin/sh
    steps: [run: echo never]
workflows:
  all:
    jobs: [build]
)");
    EXPECT_EQ(push("closed").wait().status(), "failed");
    expect_job("build").failed().printed("the job's user (ci) cannot write to /tmp").printed("chmod 1777 /tmp");
    EXPECT_EQ(newest().attempts("build").size(), 1U);
}

TEST_P(Engines, have_a_docker_engine_for_a_job_where_the_administrator_allows_it) {
    if (IsSkipped()) return;
    config("version: 2.1\njobs:\n  build:\n    docker:\n" + container() + "    environment: {REGISTRY_PASSWORD: " +
           registry_.password + "}\n    resource_class: small\n    steps:\n    - setup_remote_docker\n    - run: |\n" +
           ask_engine + "workflows:\n  all:\n    jobs: [build]\n");
    EXPECT_EQ(push("refused").wait().status(), "failed");
    expect_job("build").failed().printed("remote_docker = \"host-daemon\"");
    server().stop();
    server().use_flags({"--remote-docker", "host-daemon"});
    server().start();
    EXPECT_EQ(push("allowed").wait().status(), "success");
    expect_job("build").succeeded().printed("containers of this engine: 0").printed("Docker engine ");
}

INSTANTIATE_TEST_SUITE_P(Containers, Engines, testing::Values("docker", "podman"),
                         [](const auto& engine) { return std::string(engine.param); });

}  // namespace
}  // namespace gyre::test
