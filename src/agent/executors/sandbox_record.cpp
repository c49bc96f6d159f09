#include "agent/executors/sandbox_record.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <optional>

#include "agent/executors/cgroup.h"
#include "agent/executors/process_start.h"
#include "agent/executors/sandbox_tree.h"
#include "agent/executors/small_files.h"
#include "agent/live_lock.h"
#include "base/ascii.h"
#include "base/json.h"

namespace gyre::agent {
namespace {

namespace fs = std::filesystem;

constexpr int farewell_ms = 5'000;  // until a killed process is gone

std::string file_name(const std::string& name) {
    std::string safe;
    for (const char c : name.substr(0, 200)) {
        safe.push_back(is_letter_or_digit(c) || c == '-' || c == '_' ? c : '_');
    }
    return safe + ".json";
}

Result<void> remove_things(const SandboxThings& things) {
    GYRE_TRY(end_recorded_process(things));
    return remove_groups_and_files(things);
}

std::optional<Fd> lock_record(const std::string& path, int flags) {
    const Fd held = hold_directory(fs::path(path).parent_path());
    return try_lock(path, flags);
}

Result<void> sweep_record(const std::string& path, const std::function<bool(std::string_view name)>& alive,
                          const std::function<Result<void>(const SandboxThings&)>& remove) {
    // Until it is clear whose it is: another sweep that only looks must not keep us from what we have to sweep.
    Fd held = hold_directory(fs::path(path).parent_path());
    const auto lock = try_lock(path, 0);
    if (!lock) return {};
    // Empty: its agent died before it made anything. Damaged: the machine died, and all processes and groups with it.
    const auto things = from_json_text<SandboxThings>(read_text(path));
    if (things && alive(things->name)) return {};
    held.reset();
    if (things && !things->directory.empty()) {
        const auto removed = remove(*things);
        if (!removed) return removed.error().during("sweeping what was left of " + things->name);
    }
    unlink(path.c_str());
    return {};
}

}  // namespace

Result<SandboxRecord> SandboxRecord::open(const std::string& directory, const std::string& name) {
    std::error_code failed;
    fs::create_directories(directory, failed);
    const std::string path = directory + "/" + file_name(name);
    auto file = lock_record(path, O_CREAT);
    if (file) return SandboxRecord(path, std::move(*file));
    if (access(path.c_str(), F_OK) != 0) return errno_error("opening " + path);
    return conflict("another agent has a sandbox of the name " + name);
}

Result<void> SandboxRecord::write(const SandboxThings& things) {
    // In place and at once: what is less than a page is written whole even by a process that is killed.
    const std::string text = to_json_text(things) + "\n";
    const bool written = pwrite(file_.get(), text.data(), text.size(), 0) == static_cast<ssize_t>(text.size()) &&
                         ftruncate(file_.get(), static_cast<off_t>(text.size())) == 0;
    if (!written) return errno_error("writing " + path_);
    return {};
}

void SandboxRecord::remove() {
    unlink(path_.c_str());
    file_.reset();
}

Result<void> sweep_records(const std::string& directory, const std::function<bool(std::string_view name)>& alive,
                           const std::function<Result<void>(const SandboxThings&)>& remove) {
    Result<void> first;
    std::error_code failed;
    for (const auto& entry : fs::directory_iterator(directory, failed)) {
        if (entry.path().extension() != ".json") continue;
        auto swept = sweep_record(entry.path(), alive, remove);
        if (!swept && first) first = std::move(swept);
    }
    return first;
}

// Opened for the process first, then compared: its number cannot become another's in between.
Result<void> end_recorded_process(const SandboxThings& things) {
    if (things.process <= 0) return {};
    const Fd process(static_cast<int>(syscall(SYS_pidfd_open, things.process, 0)));
    if (!process && errno != ESRCH) return errno_error("looking for process " + std::to_string(things.process));
    if (!process || process_start_time(things.process) != things.process_started) return {};
    pollfd end{process.get(), POLLIN, 0};
    if (syscall(SYS_pidfd_send_signal, process.get(), SIGKILL, nullptr, 0) == 0 && poll(&end, 1, farewell_ms) == 1)
        return {};
    return unavailable("process " + std::to_string(things.process) + " does not end");
}

Result<void> remove_groups_and_files(const SandboxThings& things) {
    for (const auto& group : things.cgroups) {
        remove_cgroup(group);
        if (access(group.c_str(), F_OK) == 0) return unavailable(group + " cannot be removed");
    }
    return remove_tree(things.directory);
}

Result<void> sweep_sandboxes(const std::string& directory, const std::function<bool(std::string_view name)>& alive) {
    return sweep_records(directory, alive, remove_things);
}

}  // namespace gyre::agent
