#include "adapters/fs/disk_doubt.h"

#include <fcntl.h>

#include "adapters/fs/file.h"

namespace gyre::fs {
namespace {

constexpr const char* trial_name = "trial";
constexpr std::size_t trial_bytes = 64 << 10;  // more than fits into what a file system keeps beside a file

Result<void> try_disk(const Folder& folder) {
    const std::string path = folder.path_of(trial_name);
    GYRE_TRY_ASSIGN(const Fd file, folder.open_file(trial_name, O_RDWR | O_CREAT | O_TRUNC));
    GYRE_TRY(append_whole(file, path, 0, std::string(trial_bytes, 'x')));
    GYRE_TRY(sync_data(file, path));
    GYRE_TRY(folder.remove(trial_name));
    return folder.sync();
}

}  // namespace

Result<void> DiskDoubt::settle(const Folder& folder) {
    const std::lock_guard turn(trying_);
    const auto seen = doubts_.load();  // what fails from now on is a new doubt
    if (seen == settled_) return {};
    if (auto tried = try_disk(folder); !tried) {
        (void)folder.remove(trial_name);
        return tried.error().during("the disk failed, and fails still");
    }
    settled_ = seen;
    return {};
}

}  // namespace gyre::fs
