#include "agent/executors/kept_images.h"

#include <fcntl.h>
#include <sys/file.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace gyre::agent {
namespace {

std::string lock_of(const std::string& place) { return place + "/lock"; }

// Whether an open lock is that of the image that stands there now, and not of one that was removed meanwhile.
bool is_of(const Fd& lock, const std::string& place) {
    struct stat held {};
    struct stat named {};
    return fstat(lock.get(), &held) == 0 && lstat(lock_of(place).c_str(), &named) == 0 && held.st_ino == named.st_ino;
}

std::pair<std::int64_t, std::int64_t> last_use(const KeptImage& image) {
    struct stat facts {};
    if (lstat(lock_of(image.place).c_str(), &facts) != 0) return {0, 0};
    return {facts.st_mtim.tv_sec, facts.st_mtim.tv_nsec};
}

}  // namespace

Result<Fd> use_image(const std::string& place) {
    Fd lock(open(lock_of(place).c_str(), O_RDWR | O_CLOEXEC));
    if (!lock && errno != ENOENT) return errno_error("opening " + lock_of(place));
    if (!lock || flock(lock.get(), LOCK_SH) != 0 || !is_of(lock, place)) return not_found(place + " is not there");
    futimens(lock.get(), nullptr);
    return lock;
}

std::optional<Fd> lock_unused(const std::string& place) {
    Fd lock(open(lock_of(place).c_str(), O_RDWR | O_CLOEXEC));
    if (!lock && errno != ENOENT) return std::nullopt;
    if (lock && (flock(lock.get(), LOCK_EX | LOCK_NB) != 0 || !is_of(lock, place))) return std::nullopt;
    return lock;
}

std::vector<std::string> remove_longest_unused(std::vector<KeptImage> images,
                                               const std::function<bool(std::int64_t total)>& too_much,
                                               const std::function<bool(const KeptImage&)>& remove) {
    std::vector<std::pair<std::pair<std::int64_t, std::int64_t>, KeptImage>> by_use;
    std::int64_t total = 0;
    for (auto& image : images) {
        total += image.bytes;
        by_use.emplace_back(last_use(image), std::move(image));
    }
    std::ranges::stable_sort(by_use, {}, [](const auto& one) { return one.first; });
    std::vector<std::string> gone;
    for (const auto& [used, image] : by_use) {
        if (!too_much(total)) break;
        if (!remove(image)) continue;
        total -= image.bytes;
        gone.push_back(image.name);
    }
    return gone;
}

}  // namespace gyre::agent
