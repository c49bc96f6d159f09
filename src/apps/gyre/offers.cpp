#include "apps/gyre/offers.h"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <cstdlib>

#include "agent/executor.h"
#include "agent/executors/cdi.h"
#include "agent/executors/docker.h"
#include "agent/executors/engine_client.h"
#include "agent/spread_directory.h"

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

Result<agent::EngineClient> connect(const std::string& socket, std::chrono::milliseconds patience) {
    agent::EngineSettings engine;
    engine.socket = socket;
    engine.patience = engine.connect_patience = patience;
    return agent::EngineClient::connect(engine);
}

std::string variable(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
}

// What is wrong with the first engine that says nothing; empty: there is none.
std::string silence_of_engine(const ServerSettings& settings, std::chrono::milliseconds patience) {
    if (settings.docker_socket == "none") return "";
    for (const auto& socket :
         agent::engine_sockets(settings.docker_socket, variable("DOCKER_HOST"), variable("XDG_RUNTIME_DIR"))) {
        const auto met = connect(socket, patience);
        if (met) return "";
        if (met.error().message.find("timed out") != std::string::npos) return met.error().message;
    }
    return "";
}

// Of the engine that answers first.
std::string store_of_engine(const ServerSettings& settings, std::chrono::milliseconds patience) {
    for (const auto& socket :
         agent::engine_sockets(settings.docker_socket, variable("DOCKER_HOST"), variable("XDG_RUNTIME_DIR"))) {
        auto met = connect(socket, patience);
        if (!met) continue;
        const auto store = met->store();
        return store ? store->directory : "";
    }
    return "";
}

}  // namespace

std::string told_layers(const std::string& store) {
    for (const char* layers : {"/overlay2", "/overlay"}) {  // of Docker, of Podman
        if (!agent::keeps_children_together(store + layers)) continue;
        return "on this disk (ext4) jobs in containers that make many files can take twenty times as long as after "
               "chattr +T " +
               store + layers;
    }
    return "";
}

std::vector<std::string> told_executors(const ServerSettings& settings, std::chrono::milliseconds patience) {
    if (const auto silence = silence_of_engine(settings, patience); !silence.empty())
        return {"jobs with images wait for a container engine that says nothing: " + silence};
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
    if (name != "docker" && name != "podman") return told;
    if (auto slow = told_layers(store_of_engine(settings, patience)); !slow.empty()) told.push_back(std::move(slow));
    return told;
}

std::string told_gpus(const ServerSettings& settings) {
    std::vector<std::string> names;
    for (const auto& gpu : agent::find_gpus(settings.cdi_directories)) {
        names.push_back(gpu.full_name());
        if (!agent::is_there(gpu)) names.back() += " (whose devices are not here)";
    }
    const std::string known = names.empty()
                                  ? "no device description (CDI) in " + settings.cdi_directories + " names one"
                                  : fmt::format("{}", fmt::join(names, ", "));
    const std::string offered = settings.gpus == "auto" ? "" : " (offered: gpus = " + settings.gpus + ")";
    return (names.empty() ? "no GPUs: " : "GPUs: ") + known + offered;
}

Result<void> check_named_engine(const ServerSettings& settings) {
    if (settings.docker_socket.empty() || settings.docker_socket == "none") return {};
    const auto met = connect(settings.docker_socket, std::chrono::seconds{2});  // a start shall not wait long
    return met ? Result<void>() : unavailable(met.error().message);
}

}  // namespace gyre::apps
