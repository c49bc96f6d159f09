#include "agent/home_files.h"

#include <archive.h>
#include <archive_entry.h>
#include <sys/mman.h>

#include <ctime>
#include <memory>

#include "agent/watch.h"

namespace gyre::agent {
namespace {

struct FreeEntry {
    void operator()(archive_entry* entry) const { ::archive_entry_free(entry); }
};

bool write_file(archive* writer, const HomeFile& file) {
    const std::unique_ptr<archive_entry, FreeEntry> entry(::archive_entry_new());
    const bool is_directory = file.path.ends_with('/');
    ::archive_entry_set_pathname(entry.get(), file.path.c_str());
    ::archive_entry_set_filetype(entry.get(), is_directory ? AE_IFDIR : AE_IFREG);
    ::archive_entry_set_perm(entry.get(), is_directory ? 0755 : 0644);
    ::archive_entry_set_size(entry.get(), static_cast<la_int64_t>(file.content.size()));
    ::archive_entry_set_mtime(entry.get(), std::time(nullptr), 0);  // cleaners of /tmp look at it
    if (::archive_write_header(writer, entry.get()) != ARCHIVE_OK) return false;
    const auto size = static_cast<la_ssize_t>(file.content.size());
    return size == 0 || ::archive_write_data(writer, file.content.data(), file.content.size()) == size;
}

Result<Fd> tar_of(const std::vector<HomeFile>& files) {
    Fd file(::memfd_create("tar", MFD_CLOEXEC));
    if (!file) return errno_error("making room for files");
    archive* writer = ::archive_write_new();
    ::archive_write_set_format_ustar(writer);
    ::archive_write_open_fd(writer, file.get());
    bool written = true;
    for (const auto& one : files) written = written && write_file(writer, one);
    const bool closed = ::archive_write_free(writer) == ARCHIVE_OK;
    if (!written || !closed) return unavailable("writing a tar stream");
    ::lseek(file.get(), 0, SEEK_SET);
    return file;
}

}  // namespace

Result<void> make_files(Job& job, const std::string& directory, const std::vector<HomeFile>& files) {
    GYRE_TRY_ASSIGN(Fd tar, tar_of(files));
    GYRE_TRY_ASSIGN(Tool tool, Tool::start(job, {"unpack", "--root", directory}, std::move(tar), {}));
    const auto made = succeed(tool, "making " + files.front().path + " in " + directory);
    if (!made) return unavailable(made.error().message);
    return {};
}

}  // namespace gyre::agent
