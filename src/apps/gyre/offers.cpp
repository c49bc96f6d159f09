#include "apps/gyre/offers.h"

#include <array>
#include <chrono>

#include "agent/executor.h"
#include "agent/executors/engine_client.h"

namespace gyre::apps {
namespace {

struct Known {
    std::string_view name;  // Executor::name()
    const char* people;
    const char* passed_over;  // why it is not taken where it could be
};
constexpr std::array known{
    Known{"docker", "docker", "another engine was found first"},
    Known{"podman", "podman", "another engine was found first"},
    Known{"oci", "crun or runc, without an engine", "they are for machines without an engine or --sandbox"},
    Known{"sandbox", "the sandbox on this host's files", "it is for --sandbox host where no engine answers"},
    Known{"plain", "plain processes", "they are for --sandbox none where no engine answers"}};

agent::ExecutorSettings executors_of(const ServerSettings& settings) {
    return {.docker_socket = settings.docker_socket,
            .allow_host_sandbox = settings.sandbox == "host",
            .allow_plain = settings.sandbox == "none"};
}

std::string why_not(const Known& one, const agent::ExecutorSettings& settings) {
    const auto made = agent::executor_named(one.name, settings);
    return std::string("not ") + one.people + ": " + (made ? one.passed_over : made.error().message);
}

}  // namespace

std::vector<std::string> told_executors(const ServerSettings& settings) {
    const auto executors = executors_of(settings);
    const auto chosen = agent::choose_executor(DockerExecutor{}, executors);
    const std::string_view name = chosen ? (*chosen)->name() : "";
    std::vector<std::string> told{"no executor: what jobs with images need is not here"};
    for (const auto& one : known) {
        if (one.name == name) {
            told.front() = std::string("jobs with images run by ") + one.people;
        } else {
            told.push_back(why_not(one, executors));
        }
    }
    return told;
}

Result<void> check_named_engine(const ServerSettings& settings) {
    if (settings.docker_socket.empty() || settings.docker_socket == "none") return {};
    agent::EngineSettings engine;
    engine.socket = settings.docker_socket;
    engine.patience = engine.connect_patience = std::chrono::seconds{2};  // a start shall not wait long
    const auto met = agent::EngineClient::connect(engine);
    return met ? Result<void>() : unavailable(met.error().message);
}

}  // namespace gyre::apps
