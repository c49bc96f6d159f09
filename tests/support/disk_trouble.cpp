#include "support/disk_trouble.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <map>
#include <set>
#include <stdexcept>
#include <tuple>
#include <utility>

#include "base/fd.h"

namespace gyre::test {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t page = 4096;  // what the kernel writes is whole pages

using FileId = std::tuple<std::uint64_t, std::uint64_t, std::uint64_t>;  // device, inode, birth

struct Step {
    DiskEntry entry;
    std::string taken;  // what stood there before
    std::string put;    // what was written
};

std::map<FileId, std::vector<Step>> read_journal(const std::string& path) {
    const std::string bytes = read_file(path);
    std::map<FileId, std::vector<Step>> files;
    for (std::size_t at = 0; at + sizeof(DiskEntry) <= bytes.size();) {
        Step step;
        std::memcpy(&step.entry, bytes.data() + at, sizeof step.entry);
        at += sizeof step.entry;
        step.taken = bytes.substr(at, step.entry.kept);
        at += step.entry.kept;
        files[{step.entry.device, step.entry.inode, step.entry.born}].push_back(std::move(step));
    }
    return files;
}

FileId id_of(const fs::path& path) {
    struct statx status {};
    if (::statx(AT_FDCWD, path.c_str(), AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS | STATX_BTIME, &status) != 0)
        throw std::runtime_error("cannot look at " + path.string());
    return {(std::uint64_t{status.stx_dev_major} << 32) | status.stx_dev_minor, status.stx_ino,
            static_cast<std::uint64_t>(status.stx_btime.tv_sec) * 1'000'000'000 + status.stx_btime.tv_nsec};
}

std::string piece_of(const std::string& text, std::size_t offset, std::size_t length) {
    return offset >= text.size() ? "" : text.substr(offset, length);
}

void put_at(std::string& text, std::size_t offset, const std::string& piece) {
    if (text.size() < offset + piece.size()) text.resize(offset + piece.size());
    text.replace(offset, piece.size(), piece);
}

// Takes all steps back; notes what each had written.
std::string before_all(std::string text, std::vector<Step>& steps) {
    for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
        const auto& entry = step->entry;
        if (entry.kind == DiskEntry::write) step->put = piece_of(text, entry.offset, entry.length);
        if (entry.kind != DiskEntry::write && entry.kind != DiskEntry::cut) continue;
        text.resize(entry.size);
        put_at(text, entry.offset, step->taken);
        text.resize(entry.size);
    }
    return text;
}

// The disk and the kernel's memory of one file, both as the program goes on from `text`.
struct Disk {
    explicit Disk(const std::string& text) : cached(text), stored(text) {}

    void change(const Step& step) {
        const auto& entry = step.entry;
        if (entry.kind == DiskEntry::cut) cached.resize(entry.offset);
        if (entry.kind == DiskEntry::write) put_at(cached, entry.offset, step.put);
        const auto length = entry.kind == DiskEntry::write ? step.put.size() : entry.length - entry.offset;
        for (auto at = entry.offset / page * page; at < entry.offset + length; at += page) dirty.insert(at);
    }
    void sync() {
        stored.resize(cached.size());
        for (const auto at : dirty) {
            const auto held = piece_of(cached, at, page);
            stored.replace(std::min(at, stored.size()), page, held);
        }
        stored.resize(cached.size());
        dirty.clear();
    }
    // After a failed sync the kernel takes the pages for clean: nobody writes them any more.
    void fail() { dirty.clear(); }

    std::string cached;
    std::string stored;
    std::set<std::size_t> dirty;
};

std::string after_power_cut(const std::string& text, std::vector<Step>& steps) {
    Disk disk(before_all(text, steps));
    for (const auto& step : steps) {
        if (step.entry.kind == DiskEntry::synced) {
            disk.sync();
        } else if (step.entry.kind == DiskEntry::sync_failed) {
            disk.fail();
        } else {
            disk.change(step);
        }
    }
    return disk.stored;
}

void overwrite(const fs::path& path, const std::string& text) {
    const Fd file(::open(path.c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC));
    if (!file || ::write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
        throw std::runtime_error("cannot write " + path.string());
}

}  // namespace

DiskFault full_disk() { return {.writes_fail_with = ENOSPC, .only_growth = true}; }

DiskTrouble::DiskTrouble(const std::string& program, const User& user) {
    char pattern[] = "/tmp/gyre-disk.XXXXXX";
    if (::mkdtemp(pattern) == nullptr) throw std::runtime_error("cannot make a directory below /tmp");
    directory_ = pattern;
    fs::copy_file(GYRE_DISK_SHIM, directory_ + "/disk_shim.so");  // where the user may read it
    const std::string path = directory_ + "/control";
    const Fd file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!file || ::ftruncate(file.get(), sizeof(DiskControl)) != 0)
        throw std::runtime_error("cannot make the file " + path);
    void* mapped = ::mmap(nullptr, sizeof(DiskControl), PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
    if (mapped == MAP_FAILED) throw std::runtime_error("cannot map " + path);
    control_ = static_cast<DiskControl*>(mapped);
    program.copy(control_->program, sizeof control_->program - 1);
    for (const auto& one : {directory_, path, directory_ + "/disk_shim.so"}) {
        if (::chown(one.c_str(), user.uid, user.gid) != 0) throw std::runtime_error("cannot give away " + one);
    }
}

DiskTrouble::~DiskTrouble() {
    ::munmap(control_, sizeof(DiskControl));
    std::error_code failed;
    fs::remove_all(directory_, failed);
}

std::vector<std::string> DiskTrouble::environment() const {
    return {"LD_PRELOAD=" + directory_ + "/disk_shim.so", "GYRE_DISK_CONTROL=" + directory_ + "/control",
            "ASAN_OPTIONS=verify_asan_link_order=0"};
}

void DiskTrouble::watch(const std::string& directory, const std::string& others) {
    others_ = others;
    below_ = directory + "/";
    below_.substr(1).copy(control_->below + 1, sizeof control_->below - 2);
    control_->below[0] = below_[0];  // from here on it counts
}

void DiskTrouble::strike(const DiskFault& fault) {
    heal();
    std::memset(control_->only, 0, sizeof control_->only);
    fault.only.copy(control_->only, sizeof control_->only - 1);
    control_->writes_fail_with = fault.writes_fail_with;
    control_->only_growth = fault.only_growth ? 1 : 0;
    control_->syncs_fail_with = fault.syncs_fail_with;
    control_->every = fault.every;
    control_->sync_delay_ms = fault.sync_delay_ms;
    control_->calls = 0;
    control_->failures = 0;
    control_->armed = 1;
}

void DiskTrouble::heal() { control_->armed = 0; }

int DiskTrouble::cut_power() {
    auto files = read_journal(directory_ + "/control.journal");
    int changed = 0;
    for (auto at = fs::recursive_directory_iterator(below_); at != fs::end(at); ++at) {
        const auto& found = *at;
        if (found.path() == others_) at.disable_recursion_pending();
        if (!found.is_regular_file()) continue;
        if (found.path().string().ends_with("-shm")) {
            fs::remove(found.path());  // memory, but by its name
            continue;
        }
        const auto steps = files.find(id_of(found.path()));
        if (steps == files.end()) continue;
        const std::string text = read_file(found.path());
        const std::string left = after_power_cut(text, steps->second);
        if (left == text) continue;
        overwrite(found.path(), left);
        ++changed;
    }
    forget_past();
    return changed;
}

void DiskTrouble::forget_past() {
    const std::string journal = directory_ + "/control.journal";
    if (fs::exists(journal)) fs::resize_file(journal, 0);
}

}  // namespace gyre::test
