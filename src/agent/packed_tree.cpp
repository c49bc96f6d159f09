#include "agent/packed_tree.h"

#include <unistd.h>

#include <algorithm>
#include <optional>
#include <utility>

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

constexpr std::size_t piece_size = 256 << 10;  // still in the processor's cache when it is looked at
static_assert(CutSizes{}.most == largest_chunk, "each chunk fits into a ChunkRoom");

// Hands on each chunk that `held` bytes of `room` end, and keeps the rest. At the `end` of the stream that is one, too.
Result<void> cut_room(ChunkSender& to, Cutter& cutter, ChunkRoom& room, std::size_t& held, bool end) {
    while (held > 0) {
        auto length = cutter.cut({room.get(), held});
        if (!length && !end) return {};
        if (!length) length = held;
        ChunkRoom next = to.room();
        std::copy(room.get() + *length, room.get() + held, next.get());
        GYRE_TRY(to.add(std::exchange(room, std::move(next)), *length));
        held -= *length;
    }
    return {};
}

// Cuts what comes from `fd` into chunks.
Result<void> cut_stream(Job& job, int fd, ChunkSender& to) {
    const CutSizes sizes;
    Cutter cutter(sizes);
    ChunkRoom room = to.room();
    std::size_t held = 0;
    while (true) {
        GYRE_TRY_ASSIGN(const auto got, read_from(job, fd, room.get() + held, std::min(piece_size, sizes.most - held)));
        held += got;
        GYRE_TRY(cut_room(to, cutter, room, held, got == 0));
        if (got == 0) return {};
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
