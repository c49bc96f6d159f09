// GPUs of the machine: who gets which, and what happens where there are too few. Devices that every machine has stand
// in for them.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "support/eventually.h"
#include "support/gate.h"
#include "support/story.h"

namespace gyre::test {
namespace {

constexpr const char* two_gpus = R"({cdiVersion: 0.6.0, kind: acme.com/gpu, devices: [
  {name: "0", containerEdits: {env: [ACME_GPU=0], deviceNodes: [{path: /dev/acme/gpu0, hostPath: /dev/zero}]}},
  {name: "1", containerEdits: {env: [ACME_GPU=1], deviceNodes: [{path: /dev/acme/gpu1, hostPath: /dev/urandom}]}}]})";

std::string job(const std::string& resource_class, int parallelism, const std::string& command) {
    return "version: 2\njobs:\n  build:\n    docker: [{image: debian:12}]\n    resource_class: " + resource_class +
           "\n    parallelism: " + std::to_string(parallelism) + "\n    steps:\n      - run: |\n          " + command +
           "\n";
}

class Gpus : public Story {
protected:
    void start_with(const char* descriptions) {
        char place[] = "/tmp/gyre-cdi-XXXXXX";
        described_ = ::mkdtemp(place);
        std::ofstream(described_ + "/acme.yaml") << descriptions;
        start({.flags = {"--cdi-directories", described_, "--cpus", "64", "--memory-mb", "262144"}});
    }
    ~Gpus() override {
        if (!described_.empty()) std::filesystem::remove_all(described_);
    }
    std::string gyre(std::vector<std::string> words) {
        const Finished done = server().gyre(std::move(words));
        EXPECT_EQ(done.exit_code, 0) << done.out << done.err;
        return done.out + done.err;
    }

private:
    std::string described_;
};

TEST_F(Gpus, are_one_tasks_each_and_who_gets_none_waits) {
    start_with(two_gpus);
    Gate gate;
    config(job("gpu.nvidia.small", 3,
               "echo has $(ls /dev/acme) number $ACME_GPU and $(head -c 4 /dev/acme/gpu$ACME_GPU | wc -c) bytes; " +
                   gate.command()));
    const Pipeline pipeline = push("three");
    gate.wait();
    gate.wait();
    std::string waits;
    eventually("the third says why it waits",
               [&] { return (waits = gyre({"queue"})).find("2 running tasks") != std::string::npos; });
    EXPECT_NE(waits.find("4 CPUs, 15 GB and 1 GPU"), std::string::npos) << waits;
    EXPECT_NE(waits.find("0 GPUs"), std::string::npos) << waits;
    EXPECT_FALSE(gate.somebody_waits());
    gate.open();
    gate.wait();
    gate.open();
    ASSERT_EQ(pipeline.wait().status(), "success") << pipeline.outputs("build");
    std::multiset<std::string> had;
    for (int task = 0; task < 3; ++task) {
        const std::string said = pipeline.output("build", "echo", task);
        const auto number = said.substr(0, said.find('\n'));
        had.insert(number);
    }
    EXPECT_EQ(had.count("has gpu0 number 0 and 4 bytes") + had.count("has gpu1 number 1 and 4 bytes"), 3U);
    EXPECT_GE(had.count("has gpu0 number 0 and 4 bytes"), 1U);
    EXPECT_GE(had.count("has gpu1 number 1 and 4 bytes"), 1U);
    const auto number = std::to_string(number_at(pipeline.job("build"), "job_number"));
    EXPECT_NE(gyre({"jobs", "manifest", "git/app", number}).find("acme.com/gpu="), std::string::npos);
}

TEST_F(Gpus, of_which_there_are_too_few_fail_the_job_at_once) {
    start_with(two_gpus);
    config(job("gpu.nvidia.medium.multi", 1, "echo never"));
    const Pipeline pipeline = push("four");
    EXPECT_EQ(pipeline.wait().status(), "failed");
    EXPECT_NE(json::serialize(pipeline.job("build")).find("do not have 4 GPUs for one job"), std::string::npos);
    const Finished waited = server().gyre({"trigger", "git/app", "--wait"});
    EXPECT_EQ(waited.exit_code, 1);
    EXPECT_NE(waited.out.find("  build: this server's agents do not have 4 GPUs for one job"), std::string::npos)
        << waited.out;
}

TEST_F(Gpus, that_nobody_asked_for_are_not_seen) {
    start_with(two_gpus);
    config(job("small", 1, "ls /dev/acme 2>&1 || echo gpu \"[$ACME_GPU]\""));
    const Pipeline pipeline = push("none");
    EXPECT_EQ(pipeline.wait().status(), "success");
    EXPECT_NE(pipeline.outputs("build").find("No such file"), std::string::npos) << pipeline.outputs("build");
    EXPECT_NE(pipeline.outputs("build").find("gpu []"), std::string::npos);
}

}  // namespace
}  // namespace gyre::test
