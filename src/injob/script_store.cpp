#include "injob/script_store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "base/fd.h"
#include "base/random.h"
#include "injob/files.h"

namespace gyre::injob {

ScriptStore::~ScriptStore() {
    std::error_code ignored;
    if (!directory_.empty()) std::filesystem::remove_all(directory_, ignored);
}

bool ScriptStore::make_directory() {
    const std::string name = "/.gyre-steps-" + random_token(8);
    for (const std::string& place : places_) {
        std::string path = place + name;
        if (mkdir(path.c_str(), 0700) == 0) {
            directory_ = std::move(path);
            return true;
        }
    }
    return false;
}

Result<std::string> ScriptStore::write(std::string_view text) {
    for (int attempt = 0; attempt < 2; ++attempt) {
        if ((directory_.empty() || attempt > 0) && !make_directory()) break;
        std::string path = directory_ + "/step-" + std::to_string(++counter_);
        const Fd file(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0700));
        if (!file && (errno == ENOENT || errno == EEXIST || errno == ENOTDIR)) continue;
        if (!file) return errno_error("writing the step's script to " + path);
        if (!write_all(file.get(), text)) return errno_error("writing the step's script to " + path);
        return path;
    }
    std::string tried;
    for (const std::string& place : places_) tried += (tried.empty() ? "" : ", ") + place;
    return unavailable("there is no place for the step's script; none of these can be written: " + tried);
}

std::string ScriptStore::halt_file() {
    if (directory_.empty()) make_directory();
    return directory_ + "/halt";
}

}  // namespace gyre::injob
