#include "apps/gyre/data_directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include "base/digest.h"
#include "base/random.h"

namespace gyre::apps {
namespace {

Result<void> make_private(const std::string& path) {
    std::error_code failed;
    std::filesystem::create_directories(std::filesystem::path(path).parent_path(), failed);
    if (mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return errno_error("making the directory " + path);
    struct stat facts {};
    if (lstat(path.c_str(), &facts) != 0) return errno_error("looking at " + path);
    if (!S_ISDIR(facts.st_mode)) return invalid(path + " is not a directory");
    if (facts.st_uid != geteuid()) return denied(path + " belongs to another user; choose another data_dir");
    if (chmod(path.c_str(), 0700) != 0) return errno_error("making " + path + " private");
    return {};
}

// When a server is killed while it starts an agent, that child holds the lock until it has become the agent.
bool lock_soon(int file) {
    for (int tries = 0; flock(file, LOCK_EX | LOCK_NB) != 0; ++tries) {
        if (errno != EWOULDBLOCK || tries == 50) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds{10});
    }
    return true;
}

}  // namespace

Result<DataDirectory> DataDirectory::open(const std::string& given) {
    const std::string path = std::filesystem::absolute(given).lexically_normal().string();
    GYRE_TRY(make_private(path));
    Fd lock(::open((path + "/lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!lock) return errno_error("opening " + path + "/lock");
    if (!lock_soon(lock.get())) {
        return unavailable("another gyre runs on " + path + "; wait for it, stop it, or choose another directory");
    }
    return DataDirectory(path, std::move(lock));
}

Result<void> sync_directory_of(const std::string& path) {
    const auto directory = std::filesystem::absolute(path).parent_path().string();
    const Fd opened(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!opened || fsync(opened.get()) != 0) return errno_error("syncing " + directory);
    return {};
}

Result<std::string> key_in(const std::string& path) {
    const auto stored = [&] {
        std::ifstream there(path);
        std::string key;
        return std::getline(there, key) && key.size() >= 32 ? key : "";
    };
    if (auto key = stored(); !key.empty()) return key;
    const std::string key = random_token();
    const std::string temporary = path + "." + random_token(8);
    const Fd out(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    const std::string text = key + "\n";
    const bool written =
        out && write(out.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()) && fsync(out.get()) == 0;
    // Whoever is second finds the key of the first; a file that holds none is replaced.
    const bool first = written && link(temporary.c_str(), path.c_str()) == 0;
    auto other = written && !first ? stored() : std::string();
    const bool placed = first || !other.empty() || (written && rename(temporary.c_str(), path.c_str()) == 0);
    const auto failed = errno_error("writing " + path);
    unlink(temporary.c_str());
    if (!placed) return failed;
    GYRE_TRY(sync_directory_of(path));
    return other.empty() ? key : other;
}

bool DataDirectory::is_held(const std::string& path) {
    const Fd lock(::open((path + "/lock").c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW));
    return lock && flock(lock.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
}

Result<std::string> DataDirectory::key(const std::string& name) const { return key_in(file(name)); }

Result<std::string> DataDirectory::objects(const std::string& given) const {
    if (given.empty()) return path_;
    const std::string path = std::filesystem::path(given).lexically_normal().string();
    GYRE_TRY(make_private(path));
    return path;
}

Result<std::string> DataDirectory::socket_path() const {
    const std::string usual = file("agents.sock");
    if (usual.size() < sizeof(sockaddr_un::sun_path)) return usual;
    const std::string directory = "/tmp/gyre-" + std::to_string(geteuid());
    GYRE_TRY(make_private(directory));
    return directory + "/" + sha256_hex(path_).substr(0, 24) + ".sock";
}

}  // namespace gyre::apps
