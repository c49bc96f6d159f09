#include "agent/tar_stream.h"

#include <archive.h>
#include <archive_entry.h>

#include <cerrno>
#include <memory>
#include <optional>
#include <vector>

#include "agent/watch.h"

namespace gyre::agent {
namespace {

struct FreeArchive {
    void operator()(archive* reader) const { ::archive_read_free(reader); }
};

struct Source {
    Job& job;
    int fd;
    std::vector<char> piece;
    std::optional<Error> error;
};

la_ssize_t read_piece(archive* reader, void* data, const void** bytes) {
    auto& source = *static_cast<Source*>(data);
    const auto got = read_from(source.job, source.fd, source.piece.data(), source.piece.size());
    if (!got) {
        source.error = got.error();
        ::archive_set_error(reader, EIO, "%s", got.error().message.c_str());
        return -1;
    }
    *bytes = source.piece.data();
    return static_cast<la_ssize_t>(*got);
}

Error error_of(archive* reader, const Source& source) {
    if (source.error) return *source.error;
    const char* text = ::archive_error_string(reader);
    return invalid(std::string("reading files of the job: ") + (text ? text : "not a tar stream"));
}

struct Pieces {
    const std::function<Result<std::string_view>()>& next;
    std::optional<Error> error;
    bool ended;
};

la_ssize_t next_piece(archive* reader, void* data, const void** bytes) {
    auto& pieces = *static_cast<Pieces*>(data);
    const auto got = pieces.next();
    if (!got) {
        pieces.error = got.error();
        ::archive_set_error(reader, EIO, "%s", got.error().message.c_str());
        return -1;
    }
    pieces.ended = got->empty();
    *bytes = got->data();
    return static_cast<la_ssize_t>(got->size());
}

Result<void> read_file(archive* reader, archive_entry* entry, const Source& source, const TarVisitor& visitor) {
    const char* name = ::archive_entry_pathname(entry);
    GYRE_TRY(visitor.begin(name ? name : "", ::archive_entry_size(entry)));
    while (true) {
        const void* bytes = nullptr;
        std::size_t size = 0;
        la_int64_t offset = 0;
        const int got = ::archive_read_data_block(reader, &bytes, &size, &offset);
        if (got == ARCHIVE_EOF) return visitor.end();
        if (got < ARCHIVE_WARN) return error_of(reader, source);
        GYRE_TRY(visitor.bytes({static_cast<const char*>(bytes), size}));
    }
}

}  // namespace

Result<void> read_tar_names(const std::function<Result<std::string_view>()>& next, std::int64_t most_entries,
                            const std::function<Result<void>(std::string_view name)>& take) {
    Pieces pieces{next, std::nullopt, false};
    const std::unique_ptr<archive, FreeArchive> reader(::archive_read_new());
    ::archive_read_support_format_tar(reader.get());
    ::archive_read_support_format_empty(reader.get());
    int got = ::archive_read_open(reader.get(), &pieces, nullptr, next_piece, nullptr);
    archive_entry* entry = nullptr;
    for (std::int64_t entries = 0; got >= ARCHIVE_WARN && entries <= most_entries; ++entries) {
        got = ::archive_read_next_header(reader.get(), &entry);
        if (got < ARCHIVE_WARN || got == ARCHIVE_EOF) break;
        const char* name = ::archive_entry_pathname(entry);
        if (!name || ::archive_entry_filetype(entry) == AE_IFDIR) continue;
        std::string_view plain = name;
        while (plain.starts_with("./")) plain.remove_prefix(2);
        GYRE_TRY(take(plain));
    }
    // What is no archive, or too large a one, is the unpacker's to tell.
    while (!pieces.error && !pieces.ended) {
        const void* ignored = nullptr;
        next_piece(reader.get(), &pieces, &ignored);
    }
    return pieces.error ? Result<void>(*pieces.error) : Result<void>{};
}

Result<void> read_tar(Job& job, int fd, const TarVisitor& visitor) {
    Source source{job, fd, std::vector<char>(256 << 10), std::nullopt};
    const std::unique_ptr<archive, FreeArchive> reader(::archive_read_new());
    ::archive_read_support_format_tar(reader.get());
    ::archive_read_support_format_empty(reader.get());
    if (::archive_read_open(reader.get(), &source, nullptr, read_piece, nullptr) != ARCHIVE_OK)
        return error_of(reader.get(), source);
    for (std::int64_t entries = 0;; ++entries) {
        if (entries > job.limits().entries) {
            return too_large("more than " + std::to_string(job.limits().entries) + " files, the limit");
        }
        archive_entry* entry = nullptr;
        const int got = ::archive_read_next_header(reader.get(), &entry);
        if (got == ARCHIVE_EOF) return {};
        if (got < ARCHIVE_WARN) return error_of(reader.get(), source);
        if (::archive_entry_filetype(entry) == AE_IFDIR) visitor.directory();
        // A sparse file of a few bytes may stand for terabytes: our own packer makes none.
        if (::archive_entry_filetype(entry) != AE_IFREG || ::archive_entry_sparse_count(entry) > 0) continue;
        GYRE_TRY(read_file(reader.get(), entry, source, visitor));
    }
}

}  // namespace gyre::agent
