#include "injob/pack.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>
#include <memory>

#include "base/fd.h"
#include "injob/beneath.h"
#include "injob/glob.h"
#include "injob/home.h"

namespace gyre::injob {
namespace {

constexpr int deepest = 200;              // directories within directories; each holds a descriptor
constexpr std::size_t piece = 256 << 10;  // of the zeros that a file is filled up with

class Packing {
public:
    Packing(int fd, const PackOptions& options) : writer_(fd), options_(options) {}

    // `name` is what the archive calls it.
    Result<void> add_top(const std::string& path, const std::string& name) { return add(AT_FDCWD, path, name, 0); }
    Result<long long> finish() {
        GYRE_TRY(writer_.finish());
        return entries_;
    }

private:
    using FileId = std::pair<dev_t, ino_t>;

    Result<void> add(int parent, const std::string& path, const std::string& name, int depth) {
        struct stat facts {};
        const bool follow = depth == 0 && options_.names == PackNames::inside;
        if (fstatat(parent, path.c_str(), &facts, follow ? 0 : AT_SYMLINK_NOFOLLOW) != 0)
            return skip(name, std::strerror(errno));
        if (S_ISLNK(facts.st_mode) && options_.follow_files) {
            if (fstatat(parent, path.c_str(), &facts, 0) != 0 || !S_ISREG(facts.st_mode))
                return skip(name, "a symbolic link that leads to no file");
        }
        const std::size_t slash = S_ISDIR(facts.st_mode) ? 1 : 0;
        if (name.size() + slash > longest_entry_name)
            return skip(name, "its name is longer than " + std::to_string(longest_entry_name) + " bytes");
        if (S_ISDIR(facts.st_mode)) return add_directory(parent, path, name, facts, depth);
        if (S_ISREG(facts.st_mode)) return add_file(parent, path, name, facts);
        if (S_ISLNK(facts.st_mode)) return add_symlink(parent, path, name, facts);
        return skip(name, "neither a file nor a directory nor a link");
    }

    Result<void> skip(const std::string& name, const std::string& why) {
        options_.warn("leaving out " + (name.size() > 300 ? name.substr(0, 300) + "..." : name) + ": " + why);
        return {};
    }

    static TarEntry entry_of(EntryKind kind, const std::string& name, const struct stat& facts) {
        TarEntry entry;
        entry.kind = kind;
        entry.name = name;
        entry.mode = static_cast<int>(facts.st_mode & 07777);
        entry.mtime = facts.st_mtim.tv_sec;
        return entry;
    }

    Result<void> add_directory(int parent, const std::string& path, const std::string& name, const struct stat& facts,
                               int depth) {
        if (depth > deepest) return skip(name, "more than " + std::to_string(deepest) + " directories deep");
        Fd fd(openat(parent, path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | (depth == 0 ? 0 : O_NOFOLLOW)));
        if (!fd) return skip(name, std::strerror(errno));
        GYRE_TRY(writer_.begin(entry_of(EntryKind::directory, name.ends_with('/') ? name : name + "/", facts)));
        ++entries_;
        const std::string prefix = name == "." ? "" : name.ends_with('/') ? name : name + "/";
        for (const auto& child : names_in(fd.get())) {
            GYRE_TRY(add(fd.get(), child, prefix + child, depth + 1));
        }
        return {};
    }

    static std::vector<std::string> names_in(int directory) {
        std::vector<std::string> names;
        const std::unique_ptr<DIR, int (*)(DIR*)> stream(fdopendir(fcntl(directory, F_DUPFD_CLOEXEC, 3)), &closedir);
        if (!stream) return names;
        while (const dirent* entry = readdir(stream.get())) {
            const std::string_view name = entry->d_name;
            if (name != "." && name != "..") names.emplace_back(name);
        }
        std::sort(names.begin(), names.end());
        return names;
    }

    Result<void> add_symlink(int parent, const std::string& path, const std::string& name, const struct stat& facts) {
        char target[4096];
        const auto length = readlinkat(parent, path.c_str(), target, sizeof target);
        if (length < 0) return skip(name, std::strerror(errno));
        TarEntry entry = entry_of(EntryKind::symlink, name, facts);
        entry.link.assign(target, static_cast<std::size_t>(length));
        ++entries_;
        return writer_.begin(entry);
    }

    Result<void> add_file(int parent, const std::string& path, const std::string& name, const struct stat& facts) {
        const FileId id{facts.st_dev, facts.st_ino};
        if (facts.st_nlink > 1 && options_.names != PackNames::inside) {
            const auto [known, is_new] = linked_.emplace(id, name);
            if (!is_new) {
                TarEntry entry = entry_of(EntryKind::hardlink, name, facts);
                entry.link = known->second;
                ++entries_;
                return writer_.begin(entry);
            }
        }
        const int follow = options_.follow_files || options_.names == PackNames::inside ? 0 : O_NOFOLLOW;
        const Fd file(openat(parent, path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | follow));
        if (!file) {
            const std::string why = std::strerror(errno);
            linked_.erase(id);
            return skip(name, why);
        }
        TarEntry entry = entry_of(EntryKind::file, name, facts);
        entry.size = facts.st_size;
        GYRE_TRY(writer_.begin(entry));
        ++entries_;
        return copy(file.get(), name, facts.st_size);
    }

    // Exactly `size` bytes: the header has promised them. A file that shrinks meanwhile is filled up with zeros.
    Result<void> copy(int file, const std::string& name, std::int64_t size) {
        std::int64_t left = size;
        while (left > 0) {
            GYRE_TRY_ASSIGN(const std::size_t got, writer_.write_from(file, left));
            if (got == 0) break;
            left -= static_cast<std::int64_t>(got);
        }
        if (left == 0) return {};
        options_.warn(name + " became shorter while it was packed; its end is filled with zeros");
        return fill(left);
    }

    Result<void> fill(std::int64_t left) {
        const std::vector<char> zeros(piece);
        while (left > 0) {
            const std::span<const char> some(zeros.data(), static_cast<std::size_t>(std::min(left, std::ssize(zeros))));
            GYRE_TRY(writer_.write(some));
            left -= std::ssize(some);
        }
        return {};
    }

    TarWriter writer_;
    const PackOptions& options_;
    std::map<FileId, std::string> linked_;
    long long entries_ = 0;
};

bool exists(const std::string& path) {
    struct stat facts {};
    return lstat(path.c_str(), &facts) == 0;
}

// Whole paths of what `path` stands for.
Result<std::vector<std::string>> matches_of(const std::string& path, const PackOptions& options) {
    const std::string whole = resolve_path(path, options.root, options.home);
    if (!options.patterns) return exists(whole) ? std::vector{whole} : std::vector<std::string>{};
    const bool rooted = path.starts_with('/') || path.starts_with('~');
    GYRE_TRY_ASSIGN(auto found, glob(rooted ? whole : path, options.root, GlobRules::workspace));
    for (auto& one : found) one = resolve_path(one, options.root, options.home);
    return found;
}

Result<std::string> stored_name(const std::string& whole, const PackOptions& options) {
    if (options.names == PackNames::absolute) return whole;
    if (options.names == PackNames::inside) {
        struct stat facts {};
        const bool tree = stat(whole.c_str(), &facts) == 0 && S_ISDIR(facts.st_mode);
        return tree ? "." : whole.substr(whole.rfind('/') + 1);
    }
    const std::string prefix = options.root == "/" ? "/" : options.root + "/";
    const bool climbs = (whole + "/").find("/../") != std::string::npos;
    if (!climbs && whole == options.root) return std::string(".");
    if (climbs || !whole.starts_with(prefix)) return invalid(whole + " does not lie in " + options.root);
    return whole.substr(prefix.size());
}

}  // namespace

Result<long long> pack(int fd, const PackOptions& options) {
    Packing packing(fd, options);
    std::vector<std::string> covered;
    for (const auto& path : options.paths) {
        GYRE_TRY_ASSIGN(const auto found, matches_of(path, options));
        if (found.empty() && options.must_match) {
            return not_found("'" + path + "' matches nothing in " + options.root);
        }
        if (found.empty()) options.warn("'" + path + "' does not exist, leaving it out");
        for (const auto& whole : found) {
            const bool repeated = std::any_of(covered.begin(), covered.end(), [&](const std::string& one) {
                return whole == one || whole.starts_with(one == "/" ? one : one + "/");
            });
            if (repeated) continue;
            GYRE_TRY_ASSIGN(const std::string name, stored_name(whole, options));
            GYRE_TRY(packing.add_top(whole, name));
            covered.push_back(whole);
        }
    }
    return packing.finish();
}

}  // namespace gyre::injob
