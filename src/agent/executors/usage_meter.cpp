#include "agent/executors/usage_meter.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>

#include "agent/executors/kernel_files.h"

namespace gyre::agent {
namespace {

using Count = std::optional<std::int64_t>;

constexpr std::size_t most_processes = 256;  // of one group that are looked at

// What `parse` makes of a file; nothing where there is none.
template <typename Number>
std::optional<Number> counted(const std::string& path, std::optional<Number> (*parse)(std::string_view)) {
    const auto text = read_start(AT_FDCWD, path);
    return text ? parse(*text) : std::nullopt;
}

bool add_up(std::int64_t& sum, const Count& more) {
    if (!more) return false;
    sum = std::min(sum + *more, largest_usage_number);
    return true;
}

// "/docker/<id>": the path of the group of a neighbour has another id.
std::string with_name(std::string path, const std::string& name, const std::string& other) {
    const auto at = path.rfind(name);
    return at == std::string::npos ? "" : path.replace(at, name.size(), other);
}

UsageReading reading_of(const UsageFiles& files, bool memory_now) {
    UsageReading reading;
    reading.cpu_us = counted(files.cpu, cpu_us_in);
    reading.memory_peak_bytes = counted(files.memory_peak, number_in);
    if (memory_now) reading.memory_bytes = counted(files.memory, number_in);
    if (reading.memory_bytes) {
        const auto idle = counted(files.memory_stat, idle_files_in).value_or(0);
        *reading.memory_bytes = std::max<std::int64_t>(0, *reading.memory_bytes - idle);
    }
    return reading;
}

// Ancestors have lower numbers as a rule, and are read first: what ends meanwhile is missed, and not counted twice.
std::optional<DiskBytes> disk_bytes_of_processes(const std::string& list) {
    const auto text = read_start(AT_FDCWD, list);
    std::vector<std::int64_t> processes;
    each_line(text.value_or(""), [&](std::string_view line) {
        if (const auto number = whole_number(line)) processes.push_back(*number);
    });
    std::ranges::sort(processes);
    if (processes.size() > most_processes) processes.resize(most_processes);
    std::optional<DiskBytes> sum;
    for (const auto process : processes) {
        const auto one = counted("/proc/" + std::to_string(process) + "/io", process_bytes_in);
        if (!one) continue;
        if (!sum) sum.emplace();
        add_up(sum->read, one->read);
        add_up(sum->written, one->written);
    }
    return sum;
}

bool has_network_of_its_own(const Fd& process) {
    struct stat theirs {};
    struct stat ours {};
    return fstatat(process.get(), "ns/net", &theirs, 0) == 0 && stat("/proc/self/ns/net", &ours) == 0 &&
           (theirs.st_ino != ours.st_ino || theirs.st_dev != ours.st_dev);
}

}  // namespace

void add_version_1_files(UsageFiles& files, std::string_view controller, const std::string& directory) {
    if (files.processes.empty()) files.processes = directory + "/cgroup.procs";
    if (controller == "cpuacct") files.cpu = directory + "/cpuacct.usage";
    if (controller == "blkio") files.disk = directory + "/blkio.throttle.io_service_bytes_recursive";
    if (controller != "memory") return;
    files.memory = directory + "/memory.usage_in_bytes";
    files.memory_stat = directory + "/memory.stat";
    files.memory_peak = directory + "/memory.max_usage_in_bytes";
}

void add_version_2_files(UsageFiles& files, const std::string& directory) {
    const auto fill = [&](std::string& file, const char* name) {
        if (file.empty()) file = directory + name;
    };
    fill(files.cpu, "/cpu.stat");
    fill(files.disk, "/io.stat");
    if (!files.memory.empty()) return;
    files.memory = directory + "/memory.current";
    files.memory_stat = directory + "/memory.stat";
    files.memory_peak = directory + "/memory.peak";
}

UsageFiles usage_files_of(std::string_view cgroups, const std::string& root) {
    UsageFiles files;
    std::string common;
    each_cgroup(cgroups, [&](std::string_view controllers, const std::string& path) {
        for (const char* controller : {"cpuacct", "blkio", "memory"}) {
            if (lists(controllers, controller)) add_version_1_files(files, controller, root + "/" + controller + path);
        }
        if (controllers.empty()) common = root + path;
    });
    if (!common.empty()) add_version_2_files(files, common);
    return files;
}

Count cpu_us_in(std::string_view text) {
    if (const auto nanoseconds = number_in(text)) return *nanoseconds / 1000;
    return number_after("usage_usec", text);
}

Count number_in(std::string_view text) {
    const auto line = text.substr(0, text.find('\n'));
    return whole_number(line);
}

std::optional<std::int64_t> idle_files_in(std::string_view text) {
    const auto with_groups_below = number_after("total_inactive_file", text);  // version 1
    return with_groups_below ? with_groups_below : number_after("inactive_file", text);
}

// Version 1: "8:0 Read 4096", and at the end "Total 4096"; without a device, as Linux 6.18 writes it, nothing
// was counted. Version 2: "8:0 rbytes=4096 wbytes=0 rios=1 ...", and nothing at all before the first.
std::optional<DiskBytes> disk_bytes_in(std::string_view text) {
    DiskBytes bytes;
    bool known = text.empty();
    each_line(text, [&](std::string_view line) {
        const auto device = next_word(line);
        if (device.find(':') == std::string_view::npos) return;
        for (auto word = next_word(line); !word.empty(); word = next_word(line)) {
            if (word == "Read") known = add_up(bytes.read, whole_number(next_word(line))) || known;
            if (word == "Write") known = add_up(bytes.written, whole_number(next_word(line))) || known;
            if (word.starts_with("rbytes=")) known = add_up(bytes.read, whole_number(word.substr(7))) || known;
            if (word.starts_with("wbytes=")) known = add_up(bytes.written, whole_number(word.substr(7))) || known;
        }
    });
    return known ? std::optional(bytes) : std::nullopt;
}

// Lines of "rchar: 7", of which those count that reached a disk.
std::optional<DiskBytes> process_bytes_in(std::string_view text) {
    const auto read = number_after("read_bytes:", text);
    const auto written = number_after("write_bytes:", text);
    return read && written ? std::optional(DiskBytes{*read, *written}) : std::nullopt;
}

// Two lines of headings, then "  eth0: received packets errs drop fifo frame compressed multicast sent ...".
std::optional<NetworkBytes> network_bytes_in(std::string_view text) {
    constexpr int sent_column = 8;
    std::optional<NetworkBytes> bytes;
    each_line(text, [&](std::string_view line) {
        const auto colon = line.find(':');
        if (colon == std::string_view::npos) return;
        auto before = line.substr(0, colon);
        line.remove_prefix(colon + 1);
        const auto name = next_word(before);
        const auto received = whole_number(next_word(line));
        for (int column = 1; column < sent_column; ++column) next_word(line);
        const auto sent = whole_number(next_word(line));
        if (!received || !sent) return;
        if (!bytes) bytes.emplace();
        if (name == "lo") return;
        add_up(bytes->received, received);
        add_up(bytes->sent, sent);
    });
    return bytes;
}

UsageMeter UsageMeter::of_containers(int connection, const std::vector<std::string>& names) {
    UsageMeter meter;
    const pid_t peer = names.empty() ? 0 : peer_of(connection);
    if (peer == 0) return meter;
    meter.process_ = Fd(open(("/proc/" + std::to_string(peer)).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    const auto cgroups = read_start(meter.process_.get(), "cgroup");
    const auto first = usage_files_of(cgroups.value_or(""), cgroup_root);
    for (const auto& name : names) {
        UsageFiles files = first;
        if (name != names.front()) {
            for (auto* file :
                 {&files.cpu, &files.memory, &files.memory_stat, &files.memory_peak, &files.disk, &files.processes})
                *file = with_name(*file, names.front(), name);
        }
        meter.groups_.push_back({std::move(files)});
    }
    if (!has_network_of_its_own(meter.process_)) meter.process_.reset();
    return meter;
}

std::vector<UsageReading> UsageMeter::read() { return read(true); }

std::vector<UsageReading> UsageMeter::read_last() { return read(false); }

void UsageMeter::add_disk(UsageReading& reading, Group& group) {
    auto disk = group.of_processes ? std::nullopt : counted(group.files.disk, disk_bytes_in);
    group.is_counted_by_disk = group.is_counted_by_disk || disk;
    if (!group.is_counted_by_disk) {
        if (const auto now = disk_bytes_of_processes(group.files.processes)) {
            const auto before = group.of_processes.value_or(DiskBytes{});
            group.of_processes = {std::max(now->read, before.read), std::max(now->written, before.written)};
        }
        disk = group.of_processes;
    }
    if (!disk) return;
    reading.read_bytes = disk->read;
    reading.written_bytes = disk->written;
}

std::vector<UsageReading> UsageMeter::read(bool memory_now) {
    std::vector<UsageReading> readings;
    for (auto& group : groups_) {
        readings.push_back(reading_of(group.files, memory_now));
        add_disk(readings.back(), group);
    }
    const auto text = process_ && !readings.empty() ? read_start(process_.get(), "net/dev") : std::nullopt;
    const auto network = text ? network_bytes_in(*text) : std::nullopt;
    if (!network) return readings;
    readings.front().received_bytes = network->received;
    readings.front().sent_bytes = network->sent;
    return readings;
}

}  // namespace gyre::agent
