#include "agent/executors/docker_container.h"

#include <algorithm>
#include <map>

#include "agent/executors/job_limits.h"
#include "base/ascii.h"
#include "wire/supervisor_protocol.h"

namespace gyre::agent {
namespace {

constexpr std::size_t most_containers = 32;
constexpr std::int64_t megabyte = 1 << 20;
constexpr std::int64_t shared_memory = 512 * megabyte;  // browsers need more than the engine's 64 MB
constexpr std::int64_t open_files = 65'536;

json::array texts(const std::vector<std::string>& from) {
    json::array array;
    for (const auto& text : from) array.push_back(json::string(text));
    return array;
}

bool is_root(const ContainerSpec& container, const ImageFacts& image) {
    const std::string& wanted = container.user.empty() ? image.user : container.user;
    const std::string user = wanted.substr(0, wanted.find(':'));
    return user.empty() || user == "0" || user == "root";
}

bool may_be_set(const EnvVar& variable) {
    return !variable.name.empty() && variable.name.find_first_of(std::string_view("=\0", 2)) == std::string::npos &&
           variable.value.find('\0') == std::string::npos;
}

// Each name once: of two entries a process would see the first, and ours say that the last one wins.
json::array environment_list(const Environment& environment) {
    std::map<std::string, std::string> values;
    for (const auto& variable : environment) {
        if (may_be_set(variable)) values[variable.name] = variable.value;
    }
    json::array list;
    for (const auto& [name, value] : values) list.push_back(json::string(std::string(name).append("=").append(value)));
    return list;
}

std::int64_t bounded(std::int64_t wanted, std::int64_t most) { return most > 0 ? std::min(wanted, most) : wanted; }

json::object ulimit(std::string_view name, std::int64_t value) {
    return {{"Name", name}, {"Soft", value}, {"Hard", value}};
}

void limit(json::object& host, const EngineFacts& engine, const Resources& resources) {
    if (engine.limits_memory && resources.memory_mb > 0) {
        host["Memory"] = resources.memory_mb * megabyte;
        host["MemorySwap"] = resources.memory_mb * megabyte;
    }
    if (engine.limits_cpus && resources.millicpus > 0) {
        // The engine refuses more CPUs than the machine has.
        const std::int64_t most = engine.cpus > 0 ? std::int64_t{1000} * engine.cpus : resources.millicpus;
        host["NanoCpus"] = std::min<std::int64_t>(resources.millicpus, most) * 1'000'000;
    }
    if (engine.limits_processes) host["PidsLimit"] = process_limit(resources);
}

json::object host_config(const ContainerSpec& container, const ImageFacts& image, const EngineFacts& engine,
                         const ContainerSurroundings& around) {
    json::object host;
    limit(host, engine, around.resources);
    const std::int64_t memory = around.resources.memory_mb * megabyte;
    host["ShmSize"] = memory > 0 ? std::min(shared_memory, memory) : shared_memory;
    host["CapDrop"] = json::array{"NET_RAW"};
    if (is_root(container, image)) host["SecurityOpt"] = json::array{"no-new-privileges"};
    host["LogConfig"] = json::object{{"Type", "json-file"}, {"Config", json::object{{"max-size", "16m"}}}};
    json::array limits;
    if (engine.name == "podman") {
        limits.push_back(ulimit("nofile", bounded(open_files, around.most_files)));
        limits.push_back(ulimit("nproc", bounded(open_files, around.most_processes)));
    }
    // One byte: the kernel hands a program no core of that limit, and of limit 0 it does.
    if (around.cores_go_to_a_program) limits.push_back(ulimit("core", 1));
    if (!limits.empty()) host["Ulimits"] = std::move(limits);
    return host;
}

json::object body(const ContainerSpec& container, const ImageFacts& image, const ContainerSurroundings& around,
                  std::string_view role) {
    json::object made{{"Image", image.id},
                      {"Labels", json::object{{label_box, around.box},
                                              {label_agent, around.agent},
                                              {label_role, role},
                                              {"gyre.image", container.image}}}};
    if (!container.user.empty()) made["User"] = container.user;
    if (!container.entrypoint.empty()) made["Entrypoint"] = texts(container.entrypoint);
    if (!container.command.empty()) made["Cmd"] = texts(container.command);
    return made;
}

json::array mounts(const ContainerSurroundings& around) {
    return {json::object{
        {"Type", "bind"}, {"Source", around.control_directory}, {"Target", wire::injob_directory}, {"ReadOnly", true}}};
}

void give_gpus(const json::object& wishes, json::object& host) {
    for (const auto& [key, wish] : wishes) {
        auto& there = host[key];
        if (!there.is_array()) there.emplace_array();
        for (const auto& one : wish.as_array()) there.get_array().push_back(one);
    }
}

json::object& part_of(json::object& body, std::string_view name) {
    auto& part = body[name];
    return part.is_object() ? part.get_object() : part.emplace_object();
}

// NVIDIA's runtime gives a container the cards that this variable names: "all", where a job or an image says so.
// "void": none. Where docker's driver is asked for cards, docker sets it itself.
void choose_gpus_by_variable(Environment& environment, const EngineFacts& engine, bool by_driver) {
    constexpr const char* variable = "NVIDIA_VISIBLE_DEVICES";
    if (!engine.gives_gpus_by_variable) return;
    std::erase_if(environment, [](const EnvVar& one) { return one.name == variable; });
    if (!by_driver) environment.push_back({variable, "void"});
}

bool is_host_name(const std::string& name) {
    return name.size() <= 253 && std::all_of(name.begin(), name.end(), [](char c) {
               return is_letter_or_digit(c) || c == '.' || c == '-' || c == '_';
           });
}

}  // namespace

bool keeps_entrypoint(const ContainerSpec& container, const ImageFacts& image) {
    return !container.entrypoint.empty() || !container.command.empty() || image.preserve_entrypoint;
}

std::vector<std::string> supervisor_command(const ContainerSpec& container, const ImageFacts& image) {
    std::vector<std::string> command{std::string(wire::injob_directory) + "/gyre-injob", "supervise", "--socket",
                                     wire::control_socket};
    if (is_root(container, image)) command.emplace_back("--refuse-calls");
    return command;
}

json::object primary_body(const ContainerSpec& container, const ImageFacts& image, const EngineFacts& engine,
                          const ContainerSurroundings& around) {
    json::object made = body(container, image, around, "primary");
    if (!keeps_entrypoint(container, image)) {
        made["Entrypoint"] = texts(supervisor_command(container, image));
        made["Cmd"] = json::array{};
    }
    Environment environment = container.environment;
    environment.insert(environment.end(), around.environment.begin(), around.environment.end());
    choose_gpus_by_variable(environment, engine, around.gpus.by_driver);
    environment.insert(environment.end(), around.gpus.environment.begin(), around.gpus.environment.end());
    made["Env"] = environment_list(environment);
    json::object host = host_config(container, image, engine, around);
    host["Mounts"] = mounts(around);
    give_gpus(around.gpus.host, host);
    json::array hosts;
    for (const auto& name : around.names) hosts.push_back(json::string(name + ":127.0.0.1"));
    host["ExtraHosts"] = std::move(hosts);
    made["HostConfig"] = std::move(host);
    return made;
}

json::object service_body(const ContainerSpec& container, const ImageFacts& image, const EngineFacts& engine,
                          const ContainerSurroundings& around, const std::string& primary_id) {
    json::object made = body(container, image, around, "service");
    Environment environment = container.environment;
    choose_gpus_by_variable(environment, engine, false);
    made["Env"] = environment_list(environment);
    json::object host = host_config(container, image, engine, around);
    host["NetworkMode"] = "container:" + primary_id;
    made["HostConfig"] = std::move(host);
    return made;
}

json::object likeness(json::object primary_body) {
    primary_body.erase("Env");
    auto& labels = part_of(primary_body, "Labels");
    labels.erase(label_box);
    labels.erase(label_agent);
    part_of(primary_body, "HostConfig").erase("Mounts");
    return primary_body;
}

json::object body_of(json::object likeness, const ContainerSurroundings& around) {
    auto& labels = part_of(likeness, "Labels");
    labels[label_box] = around.box;
    labels[label_agent] = around.agent;
    part_of(likeness, "HostConfig")["Mounts"] = mounts(around);
    return likeness;
}

Result<void> check_containers(const std::vector<ContainerSpec>& containers) {
    if (containers.empty()) return invalid("the job has no container: list at least one image under `docker`");
    if (containers.size() > most_containers) {
        return invalid("the job has " + std::to_string(containers.size()) + " containers; the limit is " +
                       std::to_string(most_containers));
    }
    for (const auto& container : containers) {
        if (is_host_name(container.name)) continue;
        return invalid("image " + container.image + ": '" + container.name + "' cannot be a host name");
    }
    return {};
}

}  // namespace gyre::agent
