#include "agent/packed_tree.h"

#include <unistd.h>

#include <algorithm>
#include <optional>

#include "agent/blobs.h"
#include "agent/chunk_fetcher.h"
#include "agent/chunk_sender.h"
#include "agent/cutter.h"
#include "agent/tar_stream.h"
#include "agent/watch.h"
#include "agent/whole_stream.h"

namespace gyre::agent {
namespace {

using NextPiece = std::function<Result<std::string_view>()>;

// Cuts what comes from `fd` into chunks.
Result<void> cut_stream(Job& job, int fd, ChunkSender& to) {
    const CutSizes sizes;
    std::string held(2 * sizes.most, '\0');
    std::size_t begin = 0;
    std::size_t end = 0;
    bool more = true;
    while (true) {
        while (more && end - begin < sizes.most) {
            if (end == held.size()) {
                std::copy(held.begin() + static_cast<std::ptrdiff_t>(begin), held.end(), held.begin());
                end -= begin;
                begin = 0;
            }
            GYRE_TRY_ASSIGN(const auto got, read_from(job, fd, held.data() + end, held.size() - end));
            end += got;
            more = got > 0;
        }
        if (begin == end) return {};
        const auto length = first_chunk(std::string_view(held).substr(begin, end - begin), sizes);
        GYRE_TRY(to.add(held.substr(begin, length)));
        begin += length;
    }
}

// Its beginning, at most so many bytes of it.
Result<std::string> text_of(const BlobFile& blob, std::int64_t most) {
    std::string text(static_cast<std::size_t>(std::min(blob.size, most)), '\0');
    const auto got = ::pread(blob.file.get(), text.data(), text.size(), 0);
    if (got != std::ssize(text)) return errno_error("reading a downloaded file");
    return text;
}

// Passes all on to the helper. `broken` gets what was wrong with the content; the helper knows more of the rest.
Result<void> pass_on(Job& job, const NextPiece& next, int to, const TakeName& take, std::optional<Error>& broken) {
    const auto pass = [&]() -> Result<std::string_view> {
        auto bytes = next();
        if (!bytes) broken = bytes.error();
        if (bytes) GYRE_TRY(write_to(job, to, *bytes));
        return bytes;
    };
    const auto take_name = [&](std::string_view name) -> Result<void> {
        auto taken = take ? take(name) : Result<void>();
        if (!taken) broken = taken.error();
        return taken;
    };
    return read_tar_names(pass, take ? job.limits().entries : 0, take_name);
}

Result<void> unpack(Job& job, const NextPiece& next, std::vector<std::string> arguments, const TakeName& take) {
    GYRE_TRY_ASSIGN(PipeEnds pipe, make_pipe());
    set_non_blocking(pipe.write.get());
    GYRE_TRY_ASSIGN(Tool tool, Tool::start(job, std::move(arguments), std::move(pipe.read), {}));
    std::optional<Error> broken;
    const auto written = pass_on(job, next, pipe.write.get(), take, broken);
    pipe.write.reset();
    const auto unpacked = succeed(tool, "unpacking");
    if (broken) return *broken;
    if (!unpacked) return unpacked.error();
    return written;
}

}  // namespace

Result<SentTree> send_tree(Job& job, std::vector<std::string> arguments) {
    GYRE_TRY_ASSIGN(PipeEnds pipe, make_pipe());
    set_non_blocking(pipe.read.get());
    GYRE_TRY_ASSIGN(Tool tool, Tool::start(job, std::move(arguments), {}, std::move(pipe.write)));
    ChunkSender sender(job);
    GYRE_TRY(cut_stream(job, pipe.read.get(), sender));
    GYRE_TRY(succeed(tool, "packing"));
    GYRE_TRY_ASSIGN(const ChunkList chunks, sender.finish());
    const std::string text = write_chunk_list(chunks);
    GYRE_TRY_ASSIGN(BlobWriter writer, BlobWriter::create(job.scratch, largest_chunk_list));
    GYRE_TRY(writer.write(text));
    const BlobFile list = writer.finish();
    GYRE_TRY(upload(job, list));
    return SentTree{list.sha256, stored_bytes(chunks), sender.sent_bytes(), tool.complaints()};
}

Result<void> fetch_tree(Job& job, const std::string& blob, std::vector<std::string> arguments, Pace pace,
                        const TakeName& take) {
    GYRE_TRY_ASSIGN(const BlobFile file, download(job, blob));
    GYRE_TRY_ASSIGN(const std::string beginning, text_of(file, 64));
    if (!is_chunk_list(beginning)) {
        WholeStream stream(file.file.get());
        return unpack(
            job, [&] { return stream.next(); }, std::move(arguments), take);
    }
    GYRE_TRY_ASSIGN(const std::string text, text_of(file, largest_chunk_list + 1));
    GYRE_TRY_ASSIGN(ChunkList chunks, read_chunk_list(text));
    ChunkFetcher fetcher(job, std::move(chunks), pace);
    return unpack(
        job, [&] { return fetcher.next(); }, std::move(arguments), take);
}

}  // namespace gyre::agent
