#include "agent/executors/oci_config.h"

#include <algorithm>
#include <map>

#include "agent/executors/docker_container.h"
#include "agent/executors/job_limits.h"
#include "agent/executors/sandbox_seccomp.h"
#include "wire/supervisor_protocol.h"

namespace gyre::agent {
namespace {

constexpr std::int64_t megabyte = 1 << 20;
constexpr std::int64_t shared_memory = 512 * megabyte;  // as under the engines
constexpr std::int64_t open_files = 65'536;
constexpr int cpu_period_us = 100'000;
constexpr std::size_t most_words = 4'096;  // of an image's lists
constexpr std::string_view usual_path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
constexpr std::string_view preserve_label = "com.circleci.preserve-entrypoint";

using Words = std::vector<std::string>;

json::array texts(const Words& from) {
    json::array array;
    for (const auto& text : from) array.push_back(json::string(text));
    return array;
}

std::string text_of(const json::object& from, std::string_view key) {
    const auto* value = from.if_contains(key);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

const json::object* object_of(const json::object& from, std::string_view key) {
    const auto* value = from.if_contains(key);
    return value != nullptr ? value->if_object() : nullptr;
}

Result<Words> words_of(const json::object& from, std::string_view key) {
    Words words;
    const auto* value = from.if_contains(key);
    const auto* list = value != nullptr ? value->if_array() : nullptr;
    if (list == nullptr) return words;
    if (list->size() > most_words) return invalid("the image's " + std::string(key) + " is too long");
    for (const auto& one : *list) {
        if (!one.is_string() || one.get_string().find('\0') != json::string::npos)
            return invalid("the image's " + std::string(key) + " holds what is no text");
        words.emplace_back(one.get_string());
    }
    return words;
}

bool is_root(const ContainerSpec& container, const OciImageConfig& image, const OciUser& user) {
    const std::string& wanted = container.user.empty() ? image.facts.user : container.user;
    return user.uid == 0 || wanted.substr(0, wanted.find(':')) == "root";
}

// Each name once, and the last one wins.
Words environment_of(const OciImageConfig& image, const OciUser& user, const Environment& over) {
    std::map<std::string, std::string> values;
    const auto set = [&](std::string_view entry) {
        const auto equals = entry.find('=');
        if (equals == 0 || equals == std::string_view::npos) return;
        values[std::string(entry.substr(0, equals))] = entry.substr(equals + 1);
    };
    set(usual_path);
    values["HOME"] = user.home;
    for (const auto& entry : image.environment) set(entry);
    for (const auto& variable : over) {
        const bool sound = variable.name.find_first_of(std::string_view("=\0", 2)) == std::string::npos &&
                           variable.value.find('\0') == std::string::npos;
        if (!variable.name.empty() && sound) values[variable.name] = variable.value;
    }
    Words list;
    for (const auto& [name, value] : values) list.push_back(std::string(name).append("=").append(value));
    return list;
}

// An engine's, less NET_RAW and MKNOD: a device of the host's disk must not be made where no control group refuses it.
json::object capabilities() {
    const json::array all{"CAP_CHOWN",  "CAP_DAC_OVERRIDE", "CAP_FSETID",           "CAP_FOWNER",
                          "CAP_SETGID", "CAP_SETUID",       "CAP_SETFCAP",          "CAP_SETPCAP",
                          "CAP_KILL",   "CAP_SYS_CHROOT",   "CAP_NET_BIND_SERVICE", "CAP_AUDIT_WRITE"};
    return {{"bounding", all}, {"effective", all}, {"permitted", all}};
}

json::array rlimits(const OciSurroundings& around) {
    const std::int64_t files = around.most_files > 0 ? std::min(open_files, around.most_files) : open_files;
    json::array limits{json::object{{"type", "RLIMIT_NOFILE"}, {"soft", files}, {"hard", files}}};
    // One byte: the kernel hands a program no core of that limit, and of limit 0 it does.
    if (around.cores_go_to_a_program) limits.push_back(json::object{{"type", "RLIMIT_CORE"}, {"soft", 1}, {"hard", 1}});
    return limits;
}

json::object user_object(const OciUser& user) {
    json::array groups;
    for (const auto group : user.groups) groups.push_back(static_cast<std::int64_t>(group));
    return {{"uid", static_cast<std::int64_t>(user.uid)},
            {"gid", static_cast<std::int64_t>(user.gid)},
            {"additionalGids", std::move(groups)}};
}

json::object process(const ContainerSpec& container, const OciImageConfig& image, const OciUser& user,
                     const OciSurroundings& around, const Words& arguments) {
    Environment over = container.environment;
    over.insert(over.end(), around.environment.begin(), around.environment.end());
    const bool whole = image.working_directory.starts_with('/');
    return {{"terminal", false},
            {"user", user_object(user)},
            {"args", texts(arguments)},
            {"env", texts(environment_of(image, user, over))},
            {"cwd", whole ? json::string(image.working_directory) : json::string("/")},
            {"capabilities", capabilities()},
            {"rlimits", rlimits(around)},
            {"noNewPrivileges", is_root(container, image, user)}};
}

json::object mounted(std::string_view to, std::string_view type, std::string_view from, const Words& options) {
    return {{"destination", to}, {"type", type}, {"source", from}, {"options", texts(options)}};
}

std::int64_t shared_bytes(const Resources& resources) {
    const std::int64_t memory = resources.memory_mb * megabyte;
    return memory > 0 ? std::min(shared_memory, memory) : shared_memory;
}

json::array mounts(const OciSurroundings& around) {
    const std::string size = "size=" + std::to_string(shared_bytes(around.resources));
    json::array all{mounted("/proc", "proc", "proc", {"nosuid", "noexec", "nodev"}),
                    mounted("/dev", "tmpfs", "tmpfs", {"nosuid", "strictatime", "mode=755", "size=65536k"}),
                    mounted("/dev/pts", "devpts", "devpts",
                            {"nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"}),
                    mounted("/dev/shm", "tmpfs", "shm", {"nosuid", "noexec", "nodev", "mode=1777", size}),
                    mounted("/dev/mqueue", "mqueue", "mqueue", {"nosuid", "noexec", "nodev"}),
                    mounted("/sys", "sysfs", "sysfs", {"nosuid", "noexec", "nodev", "ro"}),
                    mounted("/sys/fs/cgroup", "cgroup", "cgroup", {"nosuid", "noexec", "nodev", "ro"}),
                    mounted("/etc/hosts", "bind", around.hosts_file, {"bind", "rprivate", "nosuid", "nodev"}),
                    mounted("/etc/hostname", "bind", around.hostname_file, {"bind", "rprivate", "nosuid", "nodev"}),
                    mounted("/etc/resolv.conf", "bind", around.resolver_file, {"bind", "rprivate", "nosuid", "nodev"})};
    if (!around.control_directory.empty())
        all.push_back(mounted(wire::injob_directory, "bind", around.control_directory,
                              {"bind", "rprivate", "ro", "nosuid", "nodev"}));
    for (const auto& mount : around.gpus.mounts) {
        Words options = mount.options;
        if (std::ranges::count(options, "bind") + std::ranges::count(options, "rbind") == 0)
            options.emplace_back("rbind");
        all.push_back(mounted(mount.path, "bind", mount.host_path, options));
    }
    return all;
}

// All are refused but those of the job's GPUs.
json::array device_rules(const OciSurroundings& around) {
    json::array rules{json::object{{"allow", false}, {"access", "rwm"}}};
    for (std::size_t i = 0; i < around.gpu_devices.size(); ++i) {
        const HostDevice& device = around.gpu_devices[i];
        rules.push_back(json::object{{"allow", true},
                                     {"type", std::string(1, device.type)},
                                     {"major", device.major},
                                     {"minor", device.minor},
                                     {"access", around.gpus.nodes[i].permissions}});
    }
    return rules;
}

json::array devices(const OciSurroundings& around) {
    json::array all;
    for (std::size_t i = 0; i < around.gpu_devices.size(); ++i) {
        const HostDevice& device = around.gpu_devices[i];
        all.push_back(json::object{{"path", around.gpus.nodes[i].path},
                                   {"type", std::string(1, device.type)},
                                   {"major", device.major},
                                   {"minor", device.minor},
                                   {"fileMode", device.mode},
                                   {"uid", device.uid},
                                   {"gid", device.gid}});
    }
    return all;
}

// A GPU's hooks put its libraries where the container's programs look for them. They run as root of the host: their
// environment is the description's and nothing of the image's (LD_PRELOAD), also where it is empty.
json::object hooks(const CdiEdits& edits) {
    json::object all;
    for (const auto& hook : edits.hooks) {
        json::object one{{"path", hook.path}, {"args", texts(hook.arguments)}, {"env", texts(hook.environment)}};
        if (hook.timeout_s) one["timeout"] = *hook.timeout_s;
        auto& of_moment = all[hook.moment];
        if (!of_moment.is_array()) of_moment.emplace_array();
        of_moment.get_array().push_back(std::move(one));
    }
    return all;
}

json::object limits(const OciSurroundings& around) {
    const Resources& resources = around.resources;
    json::object made{{"devices", device_rules(around)}, {"pids", json::object{{"limit", process_limit(resources)}}}};
    if (resources.memory_mb > 0) {
        const std::int64_t bytes = resources.memory_mb * megabyte;
        made["memory"] = json::object{{"limit", bytes}, {"swap", bytes}};
    }
    if (resources.millicpus > 0) {
        const std::int64_t quota = std::int64_t{resources.millicpus} * (cpu_period_us / 1000);
        made["cpu"] = json::object{{"quota", quota}, {"period", cpu_period_us}};
    }
    return made;
}

json::array namespaces(const std::string& network) {
    json::array all;
    for (const char* type : {"pid", "ipc", "uts", "mount", "cgroup"}) all.push_back(json::object{{"type", type}});
    json::object net{{"type", "network"}};
    if (!network.empty()) net["path"] = network;
    all.push_back(std::move(net));
    return all;
}

json::object linux_part(const OciSurroundings& around) {
    return {{"cgroupsPath", around.cgroup},
            {"namespaces", namespaces(around.network)},
            {"resources", limits(around)},
            {"devices", devices(around)},
            {"seccomp", seccomp_profile()},
            {"maskedPaths",
             // What the CPU draws and when it is interrupted tells what others compute.
             json::array{"/proc/acpi", "/proc/asound", "/proc/interrupts", "/proc/kcore", "/proc/keys",
                         "/proc/latency_stats", "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug",
                         "/proc/scsi", "/sys/devices/virtual/powercap", "/sys/firmware"}},
            {"readonlyPaths", json::array{"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"}}};
}

json::object whole(json::object process, const OciSurroundings& around) {
    return {{"ociVersion", "1.0.2"},
            {"process", std::move(process)},
            {"root", json::object{{"path", "rootfs"}, {"readonly", false}}},
            {"hostname", oci_hostname},
            {"mounts", mounts(around)},
            {"linux", linux_part(around)},
            {"hooks", hooks(around.gpus)}};
}

// As docker puts it together: an entry point of the config's own does away with the image's command as well.
Result<Words> own_arguments(const ContainerSpec& container, const OciImageConfig& image) {
    Words words = container.entrypoint.empty() ? image.entrypoint : container.entrypoint;
    const bool use_images = container.command.empty() && container.entrypoint.empty();
    const Words& rest = use_images ? image.command : container.command;
    words.insert(words.end(), rest.begin(), rest.end());
    if (words.empty()) return invalid("the image has no command of its own, give `command`");
    return words;
}

}  // namespace

Result<OciImageConfig> read_image_config(std::string_view text) {
    GYRE_TRY_ASSIGN(const json::value parsed, parse_json(text, {.bytes = 4 << 20, .depth = 32}));
    const auto* top = parsed.if_object();
    if (top == nullptr) return invalid("its configuration is no JSON object");
    if (const auto system = text_of(*top, "os"); !system.empty() && system != "linux")
        return invalid("it is an image for " + system.substr(0, 40) + ", and this machine runs Linux");
    OciImageConfig image;
    const auto* config = object_of(*top, "config");
    if (config == nullptr) return image;
    image.facts.user = text_of(*config, "User");
    image.working_directory = text_of(*config, "WorkingDir");
    GYRE_TRY_ASSIGN(image.environment, words_of(*config, "Env"));
    GYRE_TRY_ASSIGN(image.entrypoint, words_of(*config, "Entrypoint"));
    GYRE_TRY_ASSIGN(image.command, words_of(*config, "Cmd"));
    const auto* labels = object_of(*config, "Labels");
    image.facts.preserve_entrypoint = labels != nullptr && text_of(*labels, preserve_label) == "true";
    return image;
}

Result<json::object> primary_config(const ContainerSpec& container, const OciImageConfig& image, const OciUser& user,
                                    const OciSurroundings& around) {
    if (!keeps_entrypoint(container, image.facts))
        return whole(supervisor_process(container, image, user, around), around);
    GYRE_TRY_ASSIGN(const Words arguments, own_arguments(container, image));
    return whole(process(container, image, user, around, arguments), around);
}

Result<json::object> service_config(const ContainerSpec& container, const OciImageConfig& image, const OciUser& user,
                                    const OciSurroundings& around) {
    GYRE_TRY_ASSIGN(const Words arguments, own_arguments(container, image));
    return whole(process(container, image, user, around, arguments), around);
}

json::object supervisor_process(const ContainerSpec& container, const OciImageConfig& image, const OciUser& user,
                                const OciSurroundings& around) {
    return process(container, image, user, around, supervisor_command(container, image.facts));
}

std::string hosts_text(const std::vector<std::string>& names) {
    std::string text = "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n";
    text += std::string("127.0.0.1\t") + oci_hostname + "\n";
    for (const auto& name : names) text += "127.0.0.1\t" + name + "\n";
    return text;
}

}  // namespace gyre::agent
