#include <algorithm>
#include <filesystem>

#include "agent/remote_docker.h"
#include "agent/steps/steps.h"

namespace gyre::agent {
namespace {

constexpr const char* not_allowed =
    "this machine gives jobs no Docker engine. Its administrator may allow it (remote_docker = \"host-daemon\", or "
    "--remote-docker host-daemon): who may then run jobs with `setup_remote_docker` is root on the machine";
constexpr const char* not_trusted =
    "jobs of a fork's commits get no Docker engine, since whoever has one is root on this machine";

void set(Environment& environment, const std::string& name, const std::string& value) {
    std::erase_if(environment, [&](const EnvVar& one) { return one.name == name; });
    environment.push_back({name, value});
}

Result<std::unique_ptr<RemoteDocker>> start_for(const Job& job) {
    const std::string directory = job.scratch + "/" + engine_directory;
    std::error_code failed;
    std::filesystem::create_directories(directory, failed);
    std::filesystem::permissions(directory, std::filesystem::perms::owner_all, failed);
    if (failed) return unavailable("making " + directory + ": " + failed.message());
    return RemoteDocker::start({.directory = directory,
                                .process = job.box_process,
                                .process_started = job.box_process_started,
                                .cancel = job.control.stop_event()});
}

}  // namespace

StepEnd carry_out(const SetupRemoteDockerStep& step, Job& job, const Output& output) {
    const auto refuse = [&](const char* why) {
        output->say(why);
        return StepEnd::failed(why);
    };
    if (!job.engines_allowed) return refuse(not_allowed);
    if (!job.assignment.trusted) return refuse(not_trusted);
    if (job.engine) {
        output->say("The job has its Docker engine already: " + job.engine->socket());
        return {};
    }
    auto engine = start_for(job);
    if (job.control.is_stopping()) return interrupted(job);
    if (!engine) return failed_by(engine.error().during("starting a Docker engine"), job, *output);
    job.engine = std::move(*engine);
    set(job.environment, "DOCKER_HOST", "unix://" + job.engine->socket());
    output->say("Docker engine " + job.engine->version() + " of this job alone, for later steps: DOCKER_HOST=unix://" +
                job.engine->socket());
    output->say("Directories of the job cannot be mounted into its containers: copy files (docker cp, COPY).");
    if (!step.version.empty())
        output->say("NOTICE: `version` is not looked at: the engine is the one that this machine has.");
    if (step.docker_layer_caching)
        output->say("NOTICE: docker_layer_caching: layers are not kept for the next job yet.");
    return {};
}

}  // namespace gyre::agent
