#pragma once

// For tests: a box of the sandbox, and everything around it, in a directory of its own.

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "agent/executors/sandbox.h"
#include "agent/executors/sandbox_tree.h"

namespace gyre::agent::testing {

struct SandboxPlace {
    wire::Assignment assignment;
    ExecutorSettings settings;
    std::string base;
    std::string said;
    std::vector<CdiDevice> gpus;

    explicit SandboxPlace(std::string box = "test-0-a1") : name_(std::move(box)) {
        char place[] = "/tmp/gyre-sandbox-XXXXXX";
        base = ::mkdtemp(place);
        std::filesystem::create_directories(directory());
        std::filesystem::create_directories(base + "/secret");
        std::ofstream(base + "/secret/key") << "do not read";
        settings.allow_host_sandbox = true;
        settings.work_directory = base + "/attempts";
        settings.hidden = {base + "/secret"};
        assignment.resources = {2000, 512};
        DockerExecutor docker;
        docker.containers.push_back({.image = "cimg/base:2024.01"});
        assignment.job.executor = docker;
    }
    ~SandboxPlace() { EXPECT_TRUE(remove_tree(base).ok()); }
    SandboxPlace(const SandboxPlace&) = delete;
    SandboxPlace& operator=(const SandboxPlace&) = delete;

    std::string directory() const { return base + "/attempts/" + name_; }

    Result<std::unique_ptr<Box>> prepare() {
        auto executor = make_sandbox(settings);
        if (!executor) return executor.error();
        BoxRequest request;
        request.assignment = &assignment;
        request.name = name_;
        request.directory = directory();
        request.injob_path = GYRE_INJOB;
        request.environment = {{"LD_PRELOAD", "/somewhere/evil.so"}};
        request.gpus = gpus;
        request.say = [this](std::string_view line) { said += std::string(line) + "\n"; };
        return (*executor)->prepare(request);
    }

private:
    std::string name_;
};

}  // namespace gyre::agent::testing
