#include "agent/home_files.h"

#include <archive.h>
#include <archive_entry.h>
#include <sys/mman.h>

#include <ctime>

#include "agent/watch.h"

namespace gyre::agent {
namespace {

// A tar stream with one empty file.
Result<Fd> tar_of_empty_file(const std::string& name) {
    Fd file(::memfd_create("tar", MFD_CLOEXEC));
    if (!file) return errno_error("making room for a file");
    archive* writer = ::archive_write_new();
    ::archive_write_set_format_ustar(writer);
    ::archive_write_open_fd(writer, file.get());
    archive_entry* entry = ::archive_entry_new();
    ::archive_entry_set_pathname(entry, name.c_str());
    ::archive_entry_set_filetype(entry, AE_IFREG);
    ::archive_entry_set_perm(entry, 0644);
    ::archive_entry_set_size(entry, 0);
    ::archive_entry_set_mtime(entry, std::time(nullptr), 0);  // cleaners of /tmp look at it
    const bool written = ::archive_write_header(writer, entry) == ARCHIVE_OK;
    ::archive_entry_free(entry);
    const bool closed = ::archive_write_free(writer) == ARCHIVE_OK;
    if (!written || !closed) return unavailable("writing a tar stream");
    ::lseek(file.get(), 0, SEEK_SET);
    return file;
}

}  // namespace

Result<void> make_empty_file(Job& job, const std::string& path) {
    const auto slash = path.rfind('/');
    GYRE_TRY_ASSIGN(Fd tar, tar_of_empty_file(path.substr(slash + 1)));
    GYRE_TRY_ASSIGN(Tool tool, Tool::start(job, {"unpack", "--root", path.substr(0, slash)}, std::move(tar), {}));
    const auto made = succeed(tool, "making " + path);
    if (!made) return unavailable(made.error().message);
    return {};
}

}  // namespace gyre::agent
