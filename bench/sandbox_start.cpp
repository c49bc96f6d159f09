// What a place for a job costs: from nothing to a sandbox in which /bin/true has run, and back to nothing. For
// bench/sandbox_start.py: `sandbox_start DIRECTORY INJOB` answers each line of standard input with the seconds of one
// such round.

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <string>

#include "agent/executors/sandbox.h"

namespace {

using namespace gyre;
using namespace gyre::agent;
using Clock = std::chrono::steady_clock;

Result<void> run_true(Supervisor& supervisor) {
    wire::SpawnRequest request;
    request.argv = {"/bin/true"};
    GYRE_TRY_ASSIGN(const auto process, supervisor.spawn(std::move(request), {}));
    const auto end = supervisor.wait(process, Clock::now() + std::chrono::seconds{10});
    const auto* exited = end ? std::get_if<ExitedWith>(&*end) : nullptr;
    if (exited == nullptr || exited->code != 0) return unavailable("/bin/true did not end well");
    return {};
}

Result<double> one_round(const ExecutorSettings& settings, const wire::Assignment& assignment, const std::string& injob,
                         int number) {
    const std::string name = "round-" + std::to_string(number);
    const std::string directory = settings.work_directory + "/" + name;
    std::filesystem::create_directories(directory);
    const auto began = Clock::now();
    GYRE_TRY_ASSIGN(const auto executor, make_sandbox(settings));
    GYRE_TRY_ASSIGN(const auto box, executor->prepare({.assignment = &assignment,
                                                       .name = name,
                                                       .directory = directory,
                                                       .injob_path = injob,
                                                       .environment = {},
                                                       .say = {},
                                                       .left_behind = {}}));
    GYRE_TRY(run_true(box->supervisor()));
    GYRE_TRY(box->stop());
    GYRE_TRY(box->destroy());
    const std::chrono::duration<double> took = Clock::now() - began;
    std::filesystem::remove_all(directory);
    return took.count();
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) {
        std::fprintf(stderr, "usage: sandbox_start DIRECTORY INJOB\n");
        return 2;
    }
    ExecutorSettings settings;
    settings.allow_host_sandbox = true;
    settings.work_directory = argv[1];
    wire::Assignment assignment;
    assignment.resources = {2000, 512};
    DockerExecutor docker;
    docker.containers.push_back({.image = "debian:12"});
    assignment.job.executor = docker;
    int number = 0;
    for (std::string line; std::getline(std::cin, line);) {
        const auto took = one_round(settings, assignment, argv[2], ++number);
        if (!took) {
            std::fprintf(stderr, "%s\n", took.error().message.c_str());
            return 1;
        }
        std::printf("%.6f\n", *took);
        std::fflush(stdout);
    }
    return 0;
}
