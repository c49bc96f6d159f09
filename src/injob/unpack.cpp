#include "injob/unpack.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "injob/beneath.h"
#include "injob/stage.h"
#include "injob/tar.h"

namespace gyre::injob {
namespace {

constexpr int plain_bits = 0777;

struct Place {
    Components parent;
    std::string name;  // empty: the root itself
};

Result<Components> components_of(std::string_view name, bool absolute) {
    while (absolute && name.starts_with('/')) name.remove_prefix(1);
    return entry_components(name);
}

Place place_of(Components components) {
    if (components.empty()) return Place{};
    Place place{{}, std::move(components.back())};
    components.pop_back();
    place.parent = std::move(components);
    return place;
}

timespec at_second(std::int64_t second) { return {static_cast<time_t>(second), 0}; }

class Unpacking {
public:
    Unpacking(int fd, Beneath& tree, const UnpackOptions& options) : reader_(fd), tree_(tree), options_(options) {
        if (options.staged) stage_.emplace(tree);
    }

    Result<Unpacked> run() {
        while (true) {
            GYRE_TRY_ASSIGN(const auto entry, reader_.next());
            if (!entry) break;
            auto done = take(*entry);
            if (!done) return done.error().during("unpacking '" + entry->name.substr(0, 300) + "'");
        }
        if (stage_ && !reader_.was_whole()) return corrupt("the archive is cut off");
        if (stage_) GYRE_TRY(stage_->publish());
        GYRE_TRY(finish_directories());
        return total_;
    }

private:
    struct Finish {  // modes and times of directories are set last: a read-only one must be filled first
        std::vector<std::string> components;
        int mode;
        std::int64_t mtime;
    };

    Result<void> take(const TarEntry& entry) {
        if (++total_.entries > options_.max_entries) {
            return too_large("the archive has more than " + std::to_string(options_.max_entries) +
                             " entries, the limit");
        }
        if (entry.kind == EntryKind::refused) return invalid("it is " + entry.refusal + ", which is not allowed here");
        GYRE_TRY_ASSIGN(const Components final, components_of(entry.name, options_.absolute));
        if (stage_ && final.empty())
            return entry.kind == EntryKind::directory ? Result<void>() : invalid("it has no name");
        auto components = stage_ ? stage_->place(final) : Result<Components>(final);
        if (!components) return components.error();
        const Place place = place_of(std::move(*components));
        if (entry.kind == EntryKind::directory) return make_directory(entry, place, final);
        if (place.name.empty()) return invalid("it has no name");
        GYRE_TRY_ASSIGN(const int parent, tree_.directory(place.parent, true));
        if (entry.kind == EntryKind::symlink) return make_symlink(entry, parent, place.name);
        if (entry.kind == EntryKind::hardlink) return make_hardlink(entry, place);
        return make_file(entry, parent, place.name);
    }

    Result<void> make_directory(const TarEntry& entry, const Place& place, const Components& final) {
        if (place.name.empty()) return {};
        GYRE_TRY_ASSIGN(const int parent, tree_.directory(place.parent, true));
        auto components = place.parent;
        components.push_back(place.name);
        struct stat facts {};
        if (fstatat(parent, place.name.c_str(), &facts, AT_SYMLINK_NOFOLLOW) == 0 && !S_ISDIR(facts.st_mode)) {
            // a link to a directory may stay, as long as it does not lead out
            if (!S_ISLNK(facts.st_mode) || !tree_.directory(components, false)) unlinkat(parent, place.name.c_str(), 0);
        }
        GYRE_TRY(tree_.directory(components, true));
        directories_.push_back({final, entry.mode & plain_bits, entry.mtime});
        return {};
    }

    // Makes room for `name`, then tries again; a directory in the way is an error.
    template <typename Make>
    Result<void> make_afresh(int parent, const std::string& name, const Make& make) {
        if (make() == 0) return {};
        if (errno == EEXIST && unlinkat(parent, name.c_str(), 0) == 0 && make() == 0) return {};
        if (errno == EISDIR) return conflict("a directory of that name exists");
        return errno_error("creating it");
    }

    Result<void> make_symlink(const TarEntry& entry, int parent, const std::string& name) {
        if (entry.link.empty()) return invalid("it is a symbolic link to nowhere");
        return make_afresh(parent, name, [&] { return symlinkat(entry.link.c_str(), parent, name.c_str()); });
    }

    Result<void> make_hardlink(const TarEntry& entry, const Place& place) {
        auto components = components_of(entry.link, options_.absolute);
        if (components && stage_) components = stage_->known_place(*components);
        if (!components) return components.error().during("the link's target '" + entry.link.substr(0, 300) + "'");
        const Place target = place_of(std::move(*components));
        if (target.name.empty()) return invalid("it is a link to nowhere");
        if (target.parent == place.parent && target.name == place.name) return invalid("it is a link to itself");
        GYRE_TRY_ASSIGN(const int from_borrowed, tree_.directory(target.parent, false));
        const Fd from(fcntl(from_borrowed, F_DUPFD_CLOEXEC, 3));
        GYRE_TRY_ASSIGN(const int parent, tree_.directory(place.parent, true));
        return make_afresh(parent, place.name,
                           [&] { return linkat(from.get(), target.name.c_str(), parent, place.name.c_str(), 0); });
    }

    Result<void> make_file(const TarEntry& entry, int parent, const std::string& name) {
        if (entry.size > options_.max_bytes - total_.bytes) {
            return too_large("the archive unpacks to more than " + std::to_string(options_.max_bytes) +
                             " bytes, the limit");
        }
        Fd file;
        GYRE_TRY(make_afresh(parent, name, [&] {
            constexpr int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
            file = Fd(openat(parent, name.c_str(), flags, entry.mode & plain_bits));
            return file ? 0 : -1;
        }));
        GYRE_TRY(copy_data(file.get()));
        const timespec times[2] = {at_second(entry.mtime), at_second(entry.mtime)};
        futimens(file.get(), times);
        total_.bytes += entry.size;
        return {};
    }

    Result<void> copy_data(int file) {
        while (true) {
            GYRE_TRY_ASSIGN(const auto bytes, reader_.data());
            if (bytes.empty()) return {};
            std::size_t done = 0;
            while (done < bytes.size()) {
                const auto wrote = ::write(file, bytes.data() + done, bytes.size() - done);
                if (wrote < 0 && errno == EINTR) continue;
                if (wrote < 0) return errno_error("writing it");
                done += static_cast<std::size_t>(wrote);
            }
        }
    }

    Result<void> finish_directories() {
        for (auto one = directories_.rbegin(); one != directories_.rend(); ++one) {
            const auto fd = tree_.directory(one->components, false);
            if (!fd) continue;  // replaced by a later entry
            fchmod(*fd, static_cast<mode_t>(one->mode));
            const timespec times[2] = {at_second(one->mtime), at_second(one->mtime)};
            futimens(*fd, times);
        }
        return {};
    }

    TarReader reader_;
    Beneath& tree_;
    const UnpackOptions& options_;
    std::optional<Stage> stage_;
    Unpacked total_;
    std::vector<Finish> directories_;
};

// The other end may still be writing the padding of the archive's end; it shall not die of it.
void drain(int fd) {
    char bytes[4096];
    while (::read(fd, bytes, sizeof bytes) > 0) {
    }
}

}  // namespace

Result<Unpacked> unpack(int fd, const UnpackOptions& options) {
    if (options.absolute && options.root != "/") return invalid("--absolute goes with --root / only");
    if (options.staged && !options.absolute) return invalid("--staged goes with --absolute only");
    std::error_code failed;
    std::filesystem::create_directories(options.root, failed);
    if (failed && !std::filesystem::is_directory(options.root))
        return unavailable("making the directory " + options.root + ": " + failed.message());
    GYRE_TRY_ASSIGN(Beneath tree, Beneath::open(options.root));
    const mode_t before = umask(0);
    auto result = Unpacking(fd, tree, options).run();
    umask(before);
    if (result) drain(fd);
    return result;
}

bool is_closed(const std::string& directory) {
    std::filesystem::path nearest = directory;
    while (::access(nearest.c_str(), F_OK) != 0 && errno == ENOENT && nearest.has_relative_path())
        nearest = nearest.parent_path();
    return ::access(nearest.c_str(), W_OK | X_OK) != 0 && (errno == EACCES || errno == EROFS);
}

Result<CheckoutTarget> checkout_target(const std::string& directory) {
    struct stat facts {};
    if (lstat((directory + "/.git").c_str(), &facts) == 0) return CheckoutTarget::repository;
    const std::unique_ptr<DIR, int (*)(DIR*)> stream(opendir(directory.c_str()), &closedir);
    if (!stream && errno == ENOENT) return CheckoutTarget::free;
    if (!stream) return errno_error("opening " + directory);
    while (const dirent* entry = readdir(stream.get())) {
        const std::string_view name = entry->d_name;
        if (name == "." || name == "..") continue;
        return conflict("cannot check out into " + directory + ": it is not empty (it holds '" + std::string(name) +
                        "') and is no git repository; choose another path or remove it first");
    }
    return CheckoutTarget::free;
}

}  // namespace gyre::injob
