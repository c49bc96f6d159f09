#include "agent/executors/sandbox_record.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "agent/executors/cgroup.h"
#include "agent/executors/sandbox_tree.h"
#include "base/json.h"
#include "base/log.h"

namespace gyre::agent {
namespace {

namespace fs = std::filesystem;

std::string file_name(const std::string& name) {
    std::string safe;
    for (const char c : name.substr(0, 200)) {
        const bool plain =
            (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
        safe.push_back(plain ? c : '_');
    }
    return safe + ".json";
}

std::string read_text(const fs::path& path) {
    std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

void remove_things(const SandboxThings& things) {
    const bool same = things.process > 0 && process_start_time(things.process) == things.process_started;
    if (same) kill(static_cast<pid_t>(things.process), SIGKILL);
    for (const auto& group : things.cgroups) remove_cgroup(group);
    const auto removed = remove_tree(things.directory);
    if (!removed) log::warn("sandbox", "sweeping {}: {}", things.name, removed.error().message);
}

}  // namespace

std::int64_t process_start_time(std::int64_t pid) {
    const std::string text = read_text("/proc/" + std::to_string(pid) + "/stat");
    const auto after_name = text.rfind(')');
    if (after_name == std::string::npos) return 0;
    std::istringstream fields(text.substr(after_name + 1));
    std::string skipped;
    for (int field = 3; field < 22; ++field) fields >> skipped;
    std::int64_t started = 0;
    fields >> started;
    return started;
}

Result<SandboxRecord> SandboxRecord::open(const std::string& directory, const std::string& name) {
    std::error_code failed;
    fs::create_directories(directory, failed);
    const std::string path = directory + "/" + file_name(name);
    Fd file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file) return errno_error("opening " + path);
    if (flock(file.get(), LOCK_EX | LOCK_NB) != 0) return conflict("another agent has a sandbox of the name " + name);
    return SandboxRecord(path, std::move(file));
}

Result<void> SandboxRecord::write(const SandboxThings& things) {
    const std::string text = to_json_text(things) + "\n";
    const bool written = pwrite(file_.get(), text.data(), text.size(), 0) == static_cast<ssize_t>(text.size()) &&
                         ftruncate(file_.get(), static_cast<off_t>(text.size())) == 0;
    return written ? Result<void>{} : errno_error("writing " + path_);
}

void SandboxRecord::remove() {
    unlink(path_.c_str());
    file_.reset();
}

void sweep_sandboxes(const std::string& directory, const std::function<bool(std::string_view name)>& alive) {
    std::error_code failed;
    for (const auto& entry : fs::directory_iterator(directory, failed)) {
        if (entry.path().extension() != ".json") continue;
        const Fd file(::open(entry.path().c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW));
        if (!file || flock(file.get(), LOCK_EX | LOCK_NB) != 0) continue;
        const auto things = from_json_text<SandboxThings>(read_text(entry.path()));
        if (things && alive(things->name)) continue;
        if (things && !things->directory.empty()) remove_things(*things);
        unlink(entry.path().c_str());
    }
}

}  // namespace gyre::agent
