#include "adapters/fs/partial_uploads.h"

#include <fcntl.h>

#include <filesystem>
#include <system_error>

#include "adapters/fs/file.h"
#include "base/log.h"
#include "ports/blob_store.h"

namespace gyre::fs {

Result<void> check_blob_name(const std::string& sha256) {
    if (!is_blob_name(sha256)) return invalid("a blob is named by 64 lower-case hexadecimal digits");
    return {};
}

Result<std::int64_t> uploaded_length(const Folder& partial, const std::string& sha256) {
    const auto file = partial.open_file(sha256, O_RDONLY);
    if (!file && file.error().fault == Fault::not_found) return 0;
    if (!file) return file.error();
    return file_length(*file, partial.path_of(sha256));
}

void remove_old_uploads(const Folder& partial, std::chrono::hours keep) {
    const auto now = std::filesystem::file_time_type::clock::now();
    std::error_code failed;
    for (const auto& entry : std::filesystem::directory_iterator(partial.path(), failed)) {
        const auto touched = entry.last_write_time(failed);
        if (failed || now - touched < keep) continue;
        log::info("blobs", "removing the partial upload {}, untouched for days", entry.path().string());
        std::filesystem::remove(entry.path(), failed);
    }
}

}  // namespace gyre::fs
