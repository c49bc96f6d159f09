#include "agent/blobs.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <stdlib.h>

#include <algorithm>
#include <cerrno>

namespace gyre::agent {
namespace {

constexpr std::int64_t upload_piece = 4 << 20;
constexpr int tries_of_download = 5;  // that failed while the server answered that it has the blob

}  // namespace

Result<BlobWriter> BlobWriter::create(const std::string& directory, std::int64_t limit) {
    std::string path = directory + "/blob-XXXXXX";
    Fd file(::mkostemp(path.data(), O_CLOEXEC));
    if (!file) return errno_error("making a file in " + directory);
    ::unlink(path.c_str());
    return BlobWriter(std::move(file), limit);
}

Result<void> BlobWriter::write(std::string_view bytes) {
    size_ += static_cast<std::int64_t>(bytes.size());
    if (size_ > limit_)
        return too_large(fmt::format("larger than {} MB, the limit for one file of this kind", limit_ >> 20));
    hash_.update(bytes);
    while (!bytes.empty()) {
        const auto written = ::write(file_.get(), bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return errno_error("writing to this machine's disk");
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

BlobFile BlobWriter::finish() { return {std::move(file_), to_hex(hash_.finish()), size_}; }

void BlobWriter::restart() {
    [[maybe_unused]] const int cut = ::ftruncate(file_.get(), 0);
    ::lseek(file_.get(), 0, SEEK_SET);
    hash_ = Sha256();
    size_ = 0;
}

Result<void> upload(Job& job, const BlobFile& blob) { return upload(job.gateway, Cutoff(job.control), blob); }

Result<void> upload(GatewayClient& gateway, const Cutoff& cutoff, const BlobFile& blob) {
    if (blob.size > upload_piece) {
        GYRE_TRY_ASSIGN(const bool known, keep_trying(gateway, cutoff, [&] { return gateway.has_blob(blob.sha256); }));
        if (known) return {};
    }
    std::int64_t stored = 0;
    int rewinds = 0;
    do {
        const FilePart part{blob.file.get(), stored, std::min(blob.size - stored, upload_piece)};
        const auto now = keep_trying(gateway, cutoff, [&] { return gateway.put_blob(blob.sha256, blob.size, part); });
        if (!now) return now.error();
        if (*now > blob.size || (*now <= stored && blob.size > 0 && ++rewinds > 100)) {
            return unavailable("the server cannot take the upload of " + blob.sha256);
        }
        stored = *now;
    } while (stored < blob.size);
    return {};
}

Result<BlobFile> download(Job& job, const std::string& sha256) {
    GYRE_TRY_ASSIGN(BlobWriter writer, BlobWriter::create(job.scratch, job.limits().blob_bytes));
    Result<void> stored;
    int broken_off = 0;
    const auto got = keep_trying(job.gateway, TryUntil::stopping, [&]() -> Result<void> {
        writer.restart();
        stored = {};
        auto answer =
            job.gateway.get_blob(sha256, [&](std::string_view bytes) { return stored = writer.write(bytes); });
        // Our own disk's trouble is not the server's: asking again would not help.
        if (!stored) return Result<void>{};
        if (answer || answer.error().fault != Fault::unavailable) return answer;
        // A server that finds its stored bytes damaged breaks off, perhaps before the first. One that is away comes
        // back: what it does not answer at all does not count.
        if (job.gateway.has_blob(sha256).value_or(false) && ++broken_off == tries_of_download)
            return corrupt(fmt::format(
                "the server has it, and failed {} times to send it, so it may be damaged there (gyre doctor tells): {}",
                tries_of_download, answer.error().message));
        return answer;
    });
    GYRE_TRY(stored);
    if (!got) return got.error();
    BlobFile blob = writer.finish();
    if (blob.sha256 != sha256)
        return corrupt("the downloaded bytes are not what was stored (they hash to " + blob.sha256 + ")");
    return blob;
}

}  // namespace gyre::agent
