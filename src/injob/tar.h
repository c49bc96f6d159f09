#pragma once

// Tar streams (POSIX.1-2017 pax interchange, with the GNU long-name entries on reading), the form in which trees travel
// between the agent and the inside of a job.
//
// Own code, because a static libarchive takes every compressor and libxml2 along, and converts names by a locale that a
// static program in a foreign image does not have. Names are bytes here. Read entries are hostile until the caller has
// checked them; the reader itself bounds names and headers and never allocates by a size field.
// Not thread-safe. Descriptors are borrowed.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace gyre::injob {

enum class EntryKind { file, directory, symlink, hardlink, refused };

struct TarEntry {
    EntryKind kind = EntryKind::file;
    std::string name;
    std::string link;        // of symlink and hardlink
    int mode = 0;            // permission bits, with setuid, setgid and sticky
    std::int64_t mtime = 0;  // seconds since 1970
    std::int64_t size = 0;   // bytes of data that follow; only of files
    std::string refusal;     // what it is, where `refused`: "a device"
};

class TarWriter {
public:
    explicit TarWriter(int fd);

    // The header; for a file exactly entry.size bytes of write() must follow.
    Result<void> begin(const TarEntry& entry);
    Result<void> write(std::span<const char> data);
    // The same with what the next read of `file` gives: how many bytes, at most `most`. 0: its end, or it cannot be
    // read.
    Result<std::size_t> write_from(int file, std::int64_t most);
    Result<void> finish();

private:
    Result<void> put(std::string_view bytes);
    Result<void> pad();
    Result<void> make_room();
    Result<void> flush();
    Result<void> put_header(const TarEntry& entry, char type, const std::string& name, const std::string& prefix);

    int fd_;
    std::vector<char> buffer_;
    std::size_t held_ = 0;  // of the buffer
    std::uint64_t written_ = 0;
};

class TarReader {
public:
    explicit TarReader(int fd) : fd_(fd) {}

    // The next entry, what is left of the one before being skipped; nothing at the end. `corrupt`: no tar, or cut off.
    Result<std::optional<TarEntry>> next();
    // next() met the mark that ends an archive, and not just the end of the stream.
    bool was_whole() const { return was_whole_; }
    // The next bytes of the current entry, valid until the next call; empty at its end. At most 256 KiB at once.
    Result<std::span<const char>> data();

private:
    struct Extensions {
        std::optional<std::string> name;
        std::optional<std::string> link;
        std::optional<std::int64_t> size;
        std::optional<std::int64_t> mtime;
        bool sparse = false;
    };
    Result<std::string_view> block();             // the next 512 bytes; empty at the end of the stream
    Result<std::string> body(std::int64_t size);  // of an extension header
    Result<void> skip_rest();
    Result<bool> read_extension(char type, std::int64_t size, Extensions& extensions);
    Result<std::size_t> fill();

    int fd_;
    std::vector<char> buffer_;
    std::size_t at_ = 0;
    std::size_t end_ = 0;
    std::int64_t left_ = 0;     // data of the current entry
    std::int64_t padding_ = 0;  // after it
    bool was_whole_ = false;
};

}  // namespace gyre::injob
