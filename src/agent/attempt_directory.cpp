#include "agent/attempt_directory.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <vector>

#include "agent/executors/sandbox_tree.h"
#include "agent/live_lock.h"
#include "agent/spread_directory.h"
#include "base/json.h"
#include "base/log.h"

namespace gyre::agent {
namespace {

namespace fs = std::filesystem;

// What executor.json holds.
struct MadeBy {
    std::string executor;
};
BOOST_DESCRIBE_STRUCT(MadeBy, (), (executor))

std::string attempts_of(const std::string& work) { return work + "/attempts"; }

bool is_name(std::string_view name) {
    constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
    return !name.empty() && name.size() <= 200 && name.front() != '.' &&
           name.find_first_not_of(allowed) == std::string_view::npos;
}

std::string lock_of(const std::string& path) { return path + "/lock"; }

std::optional<Fd> lock_dead(const std::string& work, const std::string& path) {
    const Fd held = hold_directory(attempts_of(work));
    return try_lock(lock_of(path), O_CREAT);
}

// Empty when no executor was chosen.
std::string read_executor(const std::string& path) {
    std::ifstream file(path + "/executor.json");
    const std::string text(std::istreambuf_iterator<char>(file), {});
    const auto made = from_json_text<MadeBy>(text);
    return made ? made->executor : "";
}

// Takes away mounts below `path`, deepest first: removing through a mount would remove what is mounted there.
bool detach_mounts(const std::string& path) {
    std::ifstream mounts("/proc/self/mountinfo");
    std::vector<std::string> below;
    for (std::string line; std::getline(mounts, line);) {
        std::istringstream words(line);
        std::string word;
        for (int i = 0; i < 5; ++i) words >> word;
        if (word == path || word.starts_with(path + '/')) below.push_back(word);
    }
    bool all = true;
    for (auto mount = below.rbegin(); mount != below.rend(); ++mount) {
        all = ::umount2(mount->c_str(), MNT_DETACH | UMOUNT_NOFOLLOW) == 0 && all;
    }
    return all;
}

void remove_directory(const std::string& path) {
    if (!detach_mounts(path))
        return log::warn("agent", "{} stays: something is mounted in it that cannot be unmounted", path);
    const auto removed = remove_tree(path);
    if (!removed) log::warn("agent", "{}", removed.error().message);
}

}  // namespace

Result<AttemptDirectory> AttemptDirectory::create(const std::string& work, const std::string& name) {
    if (!is_name(name)) return invalid("'" + name.substr(0, 200) + "' is no name of an attempt");
    const std::string path = attempts_of(work) + '/' + name;
    std::error_code failed;
    fs::create_directories(attempts_of(work), failed);
    let_children_spread(attempts_of(work));
    Fd held = hold_directory(attempts_of(work));
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return errno_error("making " + path);
    auto lock = try_lock(lock_of(path), O_CREAT);
    held.reset();
    if (!lock) return conflict(path + " belongs to an agent that lives");
    AttemptDirectory directory(path, std::move(*lock));
    for (const auto& part : {directory.box(), directory.scratch()}) {
        if (::mkdir(part.c_str(), 0700) != 0 && errno != EEXIST) return errno_error("making " + part);
    }
    return directory;
}

AttemptDirectory::~AttemptDirectory() {
    if (!lock_) return;
    if (keep_) {
        // Containers count as ours while this process lives, so no sweep may begin before it ends.
        lock_.release();
    } else {
        remove_directory(path_);
    }
}

// By renaming: a torn note would be taken for none.
Result<void> AttemptDirectory::note_executor(std::string_view name) const {
    const std::string path = path_ + "/executor.json";
    std::ofstream file(path + ".new");
    file << to_json_text(MadeBy{std::string(name)});
    file.close();
    if (!file || ::rename((path + ".new").c_str(), path.c_str()) != 0) return errno_error("writing " + path);
    return {};
}

bool attempt_is_alive(const std::string& work, std::string_view name) {
    if (!is_name(name)) return false;
    const std::string path = attempts_of(work) + '/' + std::string(name);
    std::error_code failed;
    return fs::exists(lock_of(path), failed) && !try_lock(lock_of(path), 0);
}

void sweep_attempts(const std::string& work,
                    const std::function<Result<void>(std::string_view executor, std::string_view name)>& sweep_box) {
    std::error_code failed;
    for (const auto& entry : fs::directory_iterator(attempts_of(work), failed)) {
        const std::string path = entry.path().string();
        const auto lock = lock_dead(work, path);
        if (!lock) continue;
        log::info("agent", "sweeping what a dead agent left in {}", path);
        const std::string executor = read_executor(path);
        const auto swept = executor.empty() ? Result<void>{} : sweep_box(executor, entry.path().filename().string());
        if (swept) {
            remove_directory(path);
        } else {
            log::warn("agent", "{} stays for the next sweep: {}", path, swept.error().message);
        }
    }
}

}  // namespace gyre::agent
