#pragma once

// Step output as files: <data>/output/<2 hex digits>/<attempt id>/<step>.log, one a step of an attempt. Appending is
// checked against the file's real length under a lock of the file, and synced before it is answered; a length is only
// ever told of bytes that last. The files used last stay open. Thread-safe.
//
// Of the outputs that were removed the last few thousand are remembered, so that an append that was on its way then
// does not begin them anew; it takes seconds, not hours.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "adapters/fs/disk_doubt.h"
#include "adapters/fs/folder.h"
#include "adapters/fs/recently_used.h"
#include "base/guarded.h"
#include "ports/raw_outputs.h"

namespace gyre::fs {

struct OutputLimits {
    std::int64_t step_bytes = std::int64_t{64} << 30;  // beyond it: too_large
    std::size_t open_files = 256;
    // Whether what is found is synced before its length is told: for those who only read, nothing needs to last.
    bool syncs_what_is_there = true;
};

class FileOutputStore final : public RawOutputs {
public:
    static Result<std::unique_ptr<FileOutputStore>> open(const std::filesystem::path& data, OutputLimits limits = {});

    Result<Appended> append(const OutputName& name, std::int64_t offset, std::string_view bytes) override;
    Result<std::int64_t> length(const OutputName& name) override;
    Result<std::string> read(const OutputName& name, std::int64_t offset, std::size_t bytes) override;
    Result<void> each(const std::function<Result<void>(const OutputName&)>& visit) override;
    Result<bool> remove(const OutputName& name, std::int64_t length) override;

    // Brings an output back that was removed: it stands there with all its bytes, or not at all, and lasts. `reading`
    // gives some bytes from an offset on, none at the end; its error ends it. Nobody appends to the output meanwhile.
    using Reading = std::function<Result<std::string>(std::int64_t offset)>;
    Result<void> put_back(const OutputName& name, const Reading& reading);

    // After an append failed for the disk's sake: an error until the disk has passed a trial. Ask before work begins
    // that will want to store its output.
    Result<void> settle() { return doubt_.settle(root_); }

private:
    // Never changes once made, so whoever holds it may read it without a lock.
    struct File {
        Fd fd;
        std::string path;
    };
    struct Output {
        std::mutex mutex;                  // guards which file it is, and appending to it
        std::shared_ptr<const File> file;  // what is in it lasts; nothing: not opened yet, or not there
    };
    enum class Missing { make, leave };
    // Lengths of the outputs that were removed last, by their keys.
    struct Removed {
        std::unordered_map<std::string, std::int64_t> lengths;
        std::deque<std::string> order;  // the oldest first
    };

    FileOutputStore(Folder root, OutputLimits limits)
        : root_(std::move(root)), limits_(limits), outputs_(limits.open_files) {}
    Result<Appended> append_now(const OutputName& name, std::int64_t offset, std::string_view bytes);
    Result<void> ensure_open(Output& output, const OutputName& name, Missing missing);
    Result<Fd> open_file(const OutputName& name, Missing missing);
    Result<void> each_of_shelf(const Folder& shelf, const std::function<Result<void>(const OutputName&)>& visit);
    void remember_removed(const OutputName& name, std::int64_t length);
    std::optional<std::int64_t> removed_length(const OutputName& name);

    Folder root_;
    OutputLimits limits_;
    RecentlyUsed<Output> outputs_;
    Guarded<Removed> removed_;
    DiskDoubt doubt_;
};

}  // namespace gyre::fs
