#include "agent/executors/disk_meter.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <utility>
#include <vector>

#include "base/fd.h"
#include "base/log.h"

namespace gyre::agent {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds longest_count{60};
constexpr std::size_t longest_path = 4000;      // that the kernel takes at once
constexpr std::size_t most_pending = 64 << 20;  // bytes of paths: what a job chose
constexpr int looks_up_every = 1'000;           // entries
constexpr std::int64_t bytes_a_block = 512;     // of st_blocks, whatever the file system's are

Fd open_beneath(int directory, const std::string& path, int flags) {
    open_how how{};
    how.flags = static_cast<std::uint64_t>(flags | O_DIRECTORY | O_CLOEXEC);
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV;
    return Fd(static_cast<int>(syscall(SYS_openat2, directory, path.c_str(), &how, sizeof how)));
}

// Paths of any length, with one descriptor open at a time.
Fd open_far_beneath(int top, std::string path) {
    Fd from;
    while (path.size() > longest_path) {
        const auto cut = path.rfind('/', longest_path);
        if (cut == std::string::npos) return {};
        from = open_beneath(from ? from.get() : top, path.substr(0, cut), O_PATH);
        if (!from) return {};
        path.erase(0, cut + 1);
    }
    return open_beneath(from ? from.get() : top, path, O_RDONLY);
}

class Count {
public:
    Count(Fd top, int cancel) : top_(std::move(top)), cancel_(cancel) {}

    Result<std::int64_t> all() {
        // Where not even this works nothing would be found, and no limit hold.
        if (!open_far_beneath(top_.get(), ".")) return errno_error("counting files");
        hold(".");
        while (!pending_.empty() && !is_over()) {
            const std::string path = std::move(pending_.back());
            pending_.pop_back();
            held_ -= path.size() + sizeof path;
            if (Fd directory = open_far_beneath(top_.get(), path)) entries_of(std::move(directory), path);
        }
        if (is_canceled_) return unavailable("stopped while files were counted");
        return bytes_;
    }

private:
    bool is_over() {
        pollfd stop{cancel_, POLLIN, 0};
        is_canceled_ = is_canceled_ || poll(&stop, 1, 0) > 0;
        return is_canceled_ || Clock::now() >= deadline_;
    }

    void entries_of(Fd directory, const std::string& path) {
        const int number = directory.get();
        const std::unique_ptr<DIR, int (*)(DIR*)> stream(fdopendir(number), &closedir);
        if (!stream) return;
        directory.release();  // the stream closes it
        int seen = 0;
        while (const dirent* entry = readdir(stream.get())) {
            if (++seen % looks_up_every == 0 && is_over()) return;
            add(number, path, entry->d_name);
        }
    }

    void add(int directory, const std::string& path, const std::string& name) {
        struct stat facts {};
        if (name == ".." || fstatat(directory, name.c_str(), &facts, AT_SYMLINK_NOFOLLOW) != 0) return;
        const bool is_directory = S_ISDIR(facts.st_mode);
        if (is_directory && name != ".") {  // counts as its own "."
            hold(path + "/" + name);
            return;
        }
        const auto names = is_directory ? 1 : std::max<std::int64_t>(1, static_cast<std::int64_t>(facts.st_nlink));
        bytes_ += facts.st_blocks * bytes_a_block / names;
    }

    void hold(std::string path) {
        if (held_ + path.size() + sizeof path > most_pending) return;
        held_ += path.size() + sizeof path;
        pending_.push_back(std::move(path));
    }

    Fd top_;
    int cancel_;
    Clock::time_point deadline_ = Clock::now() + longest_count;
    std::vector<std::string> pending_;
    std::size_t held_ = 0;
    std::int64_t bytes_ = 0;
    bool is_canceled_ = false;
};

class TreeMeter final : public DiskMeter {
public:
    explicit TreeMeter(std::string directory) : directory_(std::move(directory)) {}
    std::vector<std::string> places(int /*cancel*/) override { return {directory_}; }
    Result<std::int64_t> occupied(int cancel) override { return bytes_below(directory_, cancel); }

private:
    std::string directory_;
};

class SumMeter final : public DiskMeter {
public:
    SumMeter(std::unique_ptr<DiskMeter> first, std::string directory)
        : first_(std::move(first)), directory_(std::move(directory)) {}
    // The directory's own comes later, and lies beside it.
    std::vector<std::string> places(int cancel) override {
        auto places = first_->places(cancel);
        places.push_back(std::filesystem::path(directory_).parent_path());
        return places;
    }
    Result<std::int64_t> occupied(int cancel) override {
        const auto bytes = first_->occupied(cancel);
        if (access(directory_.c_str(), F_OK) != 0) return bytes;
        if (!bytes) log::warn("disk", "only a part of the job's files is counted: {}", bytes.error().message);
        GYRE_TRY_ASSIGN(const std::int64_t more, bytes_below(directory_, cancel));
        return bytes.value_or(0) + more;
    }

private:
    std::unique_ptr<DiskMeter> first_;
    std::string directory_;
};

}  // namespace

Result<std::int64_t> bytes_below(const std::string& directory, int cancel) {
    Fd top(open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!top) return errno_error("counting the files of " + directory);
    return Count(std::move(top), cancel).all();
}

std::unique_ptr<DiskMeter> make_tree_meter(std::string directory) {
    return std::make_unique<TreeMeter>(std::move(directory));
}

std::unique_ptr<DiskMeter> add_tree(std::unique_ptr<DiskMeter> meter, std::string directory) {
    if (meter == nullptr) return nullptr;
    return std::make_unique<SumMeter>(std::move(meter), std::move(directory));
}

}  // namespace gyre::agent
