#pragma once

// For tests: tar streams made by libarchive (so that what we read is not only what we write), in memory files; a
// directory that goes away.

#include <archive.h>
#include <archive_entry.h>
#include <sys/mman.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "base/fd.h"

namespace gyre::injob::testing {

inline Fd memory_file() { return Fd(memfd_create("test", MFD_CLOEXEC)); }

class Directory {
public:
    Directory() {
        char place[] = "/tmp/gyre-injob-XXXXXX";
        path = mkdtemp(place);
    }
    ~Directory() {
        std::error_code ignored;
        std::filesystem::remove_all(path, ignored);
    }
    Directory(const Directory&) = delete;
    Directory& operator=(const Directory&) = delete;

    std::string operator/(const std::string& name) const { return path + "/" + name; }
    void file(const std::string& name, const std::string& text = "text") const {
        std::filesystem::create_directories(std::filesystem::path(path + "/" + name).parent_path());
        std::ofstream(path + "/" + name) << text;
    }
    std::string text(const std::string& name) const {
        std::ifstream file(path + "/" + name);
        std::ostringstream all;
        all << file.rdbuf();
        return file ? all.str() : "(no file)";
    }

    std::string path;
};

struct Entry {
    std::string name;
    mode_t type = AE_IFREG;
    std::string link;      // of a symbolic link
    std::string hardlink;  // makes it one
    int mode = 0644;
    std::string data;
    std::int64_t declared = -1;  // size in the header, where it is not that of the data
    bool sparse = false;
};

enum class TarFormat { pax, gnu, ustar };

inline void add(archive* writer, const Entry& one) {
    archive_entry* entry = archive_entry_new();
    archive_entry_copy_pathname(entry, one.name.c_str());
    archive_entry_set_filetype(entry, one.type);
    archive_entry_set_perm(entry, static_cast<mode_t>(one.mode));
    archive_entry_set_mtime(entry, 1'600'000'000, 0);
    if (!one.link.empty()) archive_entry_copy_symlink(entry, one.link.c_str());
    if (!one.hardlink.empty()) archive_entry_copy_hardlink(entry, one.hardlink.c_str());
    if (one.type == AE_IFCHR || one.type == AE_IFBLK) archive_entry_set_rdev(entry, 0x103);
    const auto size = static_cast<std::int64_t>(one.data.size());
    archive_entry_set_size(entry, one.declared >= 0 ? one.declared : size);
    if (one.sparse) archive_entry_sparse_add_entry(entry, 0, size);
    archive_write_header(writer, entry);
    archive_write_data(writer, one.data.data(), one.data.size());
    archive_entry_free(entry);
}

inline Fd tar_of(const std::vector<Entry>& entries, TarFormat format = TarFormat::pax) {
    Fd file = memory_file();
    archive* writer = archive_write_new();
    switch (format) {
        case TarFormat::pax:
            archive_write_set_format_pax(writer);
            break;
        case TarFormat::gnu:
            archive_write_set_format_gnutar(writer);
            break;
        case TarFormat::ustar:
            archive_write_set_format_ustar(writer);
            break;
    }
    archive_write_open_fd(writer, file.get());
    for (const auto& entry : entries) add(writer, entry);
    // what lies about its size cannot be closed properly: the bytes are there all the same
    archive_write_close(writer);
    archive_write_free(writer);
    lseek(file.get(), 0, SEEK_SET);
    return file;
}

}  // namespace gyre::injob::testing
