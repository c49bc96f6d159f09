#include "apps/gyre/offers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <filesystem>
#include <fstream>

#include "agent/spread_directory.h"
#include "apps/gyre/machine_share.h"
#include "base/fd.h"

namespace gyre::apps {
namespace {

using testing::Contains;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

ServerSettings with_engine(const std::string& socket, const std::string& sandbox = "off") {
    ServerSettings settings;
    settings.docker_socket = socket;
    settings.sandbox = sandbox;
    return settings;
}

TEST(Offers, are_told_with_the_reason_why_not_another) {
    const auto told = told_executors(with_engine("/nonexistent/engine.sock"));
    EXPECT_EQ(told.front(), "no executor: what jobs with images need is not here")
        << "nothing stands in for an engine that somebody named";
    EXPECT_EQ(told.size(), 6U);
    for (const char* engine : {"docker", "podman"})
        EXPECT_THAT(told, Contains(HasSubstr("not " + std::string(engine) + ": "))) << engine;
    EXPECT_THAT(told, Contains(HasSubstr("/nonexistent/engine.sock")));
    EXPECT_THAT(told, Contains(StartsWith("not the sandbox on this host's files: ")));
    EXPECT_THAT(told, Contains(StartsWith("not plain processes: ")));
}

TEST(Offers, name_the_gpus_that_are_described) {
    char place[] = "/tmp/gyre-offers-XXXXXX";
    const std::string directory = ::mkdtemp(place);
    ServerSettings settings;
    settings.cdi_directories = directory;
    EXPECT_EQ(told_gpus(settings), "no GPUs: no device description (CDI) in " + directory + " names one");
    EXPECT_EQ(offered(settings).gpus, 0);
    EXPECT_EQ(gpus_of_a_job(settings), 0);
    std::ofstream(directory + "/a.yaml")
        << "{cdiVersion: 1.0.0, kind: acme.com/gpu, devices: [{name: '0'}, {name: '1', "
           "containerEdits: {deviceNodes: [{path: /dev/gyre-has-none}]}}]}";
    EXPECT_EQ(told_gpus(settings), "GPUs: acme.com/gpu=0, acme.com/gpu=1 (whose devices are not here)");
    EXPECT_EQ(offered(settings).gpus, 1);
    settings.gpus = "3";
    EXPECT_EQ(told_gpus(settings),
              "GPUs: acme.com/gpu=0, acme.com/gpu=1 (whose devices are not here) (offered: gpus = 3)");
    EXPECT_EQ(offered(settings).gpus, 3);
    EXPECT_EQ(gpus_of_a_job(settings), 3);
    settings.gpus = "elsewhere";
    EXPECT_EQ(offered(settings).gpus, 0);
    EXPECT_EQ(gpus_of_a_job(settings), std::nullopt);
    std::filesystem::remove_all(directory);
}

TEST(Offers, name_the_one_that_jobs_get) {
    const auto told = told_executors(with_engine("none", "host"));
    const bool sandbox = told.front() == "jobs with images run by the sandbox on this host's files";
    EXPECT_TRUE(sandbox || told.front().starts_with("no executor")) << told.front() << ": bubblewrap may be missing";
    EXPECT_EQ(told.size(), sandbox ? 5U : 6U);
    EXPECT_THAT(told, Contains("not docker: none is to be used (--docker-socket none)"));
}

TEST(Offers, tell_how_layers_on_ext4_become_fast) {
    char place[] = "/var/tmp/gyre-offers-XXXXXX";
    const std::string store = ::mkdtemp(place);
    EXPECT_EQ(told_layers(store), "");
    std::filesystem::create_directory(store + "/overlay2");
    if (agent::keeps_children_together(store)) {
        EXPECT_THAT(told_layers(store), EndsWith("chattr +T " + store + "/overlay2"));
        agent::let_children_spread(store + "/overlay2");
    }
    EXPECT_EQ(told_layers(store), "");
    std::filesystem::remove_all(store);
}

// Takes connections, and never says a word.
class SilentEngine : public testing::Test {
protected:
    void SetUp() override {
        char pattern[] = "/tmp/gyre-offers-XXXXXX";
        directory_ = mkdtemp(pattern);
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        socket().copy(address.sun_path, sizeof address.sun_path - 1);
        ASSERT_EQ(::bind(listening_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
        ASSERT_EQ(::listen(listening_.get(), 8), 0);
    }
    void TearDown() override { std::filesystem::remove_all(directory_); }
    std::string socket() const { return directory_ + "/engine.sock"; }

    std::string directory_;
    Fd listening_{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
};

TEST_F(SilentEngine, is_told_of_before_anybody_waits_for_it) {
    const auto told = told_executors(with_engine(socket()), std::chrono::milliseconds{50});
    ASSERT_EQ(told.size(), 1U);
    EXPECT_THAT(told.front(), StartsWith("jobs with images wait for a container engine that says nothing: "));
}

TEST(Offers, of_an_engine_that_somebody_named_are_looked_for) {
    EXPECT_THAT(check_named_engine(with_engine("/nonexistent/engine.sock")).error().message,
                HasSubstr("/nonexistent/engine.sock"));
    EXPECT_TRUE(check_named_engine(with_engine("none")).ok());
    EXPECT_TRUE(check_named_engine(with_engine("")).ok()) << "one is looked for when a job wants it";
}

}  // namespace
}  // namespace gyre::apps
