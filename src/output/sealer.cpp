#include "output/sealer.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/log.h"
#include "base/nameless_file.h"

namespace gyre::output {
namespace {

constexpr std::size_t read_at_once = 1 << 20;
constexpr int failures_to_leave = 2;

Result<void> write_whole(const Fd& file, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto written = ::write(file.get(), bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return errno_error("writing a pack of outputs");
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

Result<std::string> read_piece(const Fd& file, std::int64_t at, std::int64_t most) {
    std::string piece(static_cast<std::size_t>(std::min<std::int64_t>(most, read_at_once)), '\0');
    const auto got = ::pread(file.get(), piece.data(), piece.size(), at);
    if (got <= 0) return errno_error("reading a pack of outputs");
    piece.resize(static_cast<std::size_t>(got));
    return piece;
}

}  // namespace

Result<SealedCount> Sealer::turn(const std::function<Result<void>()>& go_on) {
    count_ = {};
    looked_up_.reset();
    GYRE_TRY(end_pack());  // of an earlier turn, which could not store it
    const auto visit = [&](const OutputName& name) -> Result<void> {
        GYRE_TRY(go_on());
        return look_at(name);
    };
    GYRE_TRY(ports_.raw.each(visit));
    GYRE_TRY(end_pack());
    return count_;
}

Result<bool> Sealer::has_ended(const AttemptRef& attempt) {
    if (!looked_up_ || looked_up_->first != attempt) {
        GYRE_TRY_ASSIGN(const bool ended, ports_.sealed.has_ended(attempt));
        looked_up_.emplace(attempt, ended);
    }
    return looked_up_->second;
}

Result<void> Sealer::failed(const OutputName& name, const Error& why) {
    if (++failures_[{name.attempt.id().text, name.step}] < failures_to_leave) return why;
    log::warn("output", "the output of step {} of attempt {} stays unsealed: {}", name.step, name.attempt.id().text,
              why.message);
    return {};
}

bool Sealer::is_left(const OutputName& name) const {
    const auto found = failures_.find({name.attempt.id().text, name.step});
    return found != failures_.end() && found->second >= failures_to_leave;
}

Result<void> Sealer::look_at(const OutputName& name) {
    if (is_left(name)) return {};
    GYRE_TRY_ASSIGN(const bool ended, has_ended(name.attempt));
    if (!ended) return {};
    GYRE_TRY_ASSIGN(const auto length, ports_.raw.length(name));
    GYRE_TRY_ASSIGN(const auto known, ports_.sealed.find(name));
    const std::int64_t sealed = known ? known->bytes : 0;
    if (sealed < length) return pack(name, length);
    GYRE_TRY(ports_.raw.remove(name, length));
    return {};
}

Result<void> Sealer::pack(const OutputName& name, std::int64_t length) {
    if (!pack_) {
        GYRE_TRY_ASSIGN(Fd file, open_nameless_file(scratch_));
        pack_.emplace(Pack{.file = std::move(file), .hash = {}, .steps = {}, .blob = {}});
    }
    if (const auto written = write_part(*pack_, name, length); !written) {
        pack_.reset();  // it ends with half a part; the next turn packs the others again
        writer_ = PartWriter();
        return is_left(name) ? Result<void>() : written;
    }
    const bool full = pack_->size >= rules_.pack_bytes || pack_->steps.size() >= rules_.pack_outputs;
    return full ? end_pack() : Result<void>();
}

Result<void> Sealer::write_part(Pack& pack, const OutputName& name, std::int64_t length) {
    const std::int64_t begin = pack.size;
    std::string stored;
    const auto write_on = [&]() -> Result<void> {
        GYRE_TRY(write_whole(pack.file, stored));
        pack.hash.update(stored);
        pack.size += std::ssize(stored);
        stored.clear();
        return {};
    };
    for (std::int64_t offset = 0; offset < length;) {
        const auto most = std::min<std::int64_t>(length - offset, read_at_once);
        auto bytes = ports_.raw.read(name, offset, static_cast<std::size_t>(most));
        if (bytes && bytes->empty()) bytes = corrupt("it became shorter meanwhile");
        if (!bytes) {
            GYRE_TRY(failed(name, bytes.error()));
            return bytes.error();
        }
        GYRE_TRY(writer_.add(*bytes, stored));
        GYRE_TRY(write_on());
        offset += std::ssize(*bytes);
    }
    GYRE_TRY(writer_.finish(stored));
    GYRE_TRY(write_on());
    pack.steps.push_back({name, {.blob = {}, .at = begin, .size = pack.size - begin, .bytes = length}});
    return {};
}

Result<void> Sealer::end_pack() {
    if (!pack_) return {};
    if (pack_->blob.empty()) {
        pack_->blob = to_hex(pack_->hash.finish());
        for (auto& step : pack_->steps) step.sealed.blob = pack_->blob;
    }
    auto stored = store(*pack_);
    if (stored) stored = ports_.sealed.add(pack_->steps);
    if (!stored) return refused(stored.error());
    const Pack done = std::move(*pack_);
    pack_.reset();
    count_.outputs += std::ssize(done.steps);
    count_.stored += done.size;
    for (const auto& [name, sealed] : done.steps) {
        count_.bytes += sealed.bytes;
        GYRE_TRY(ports_.raw.remove(name, sealed.bytes));  // one that grew is sealed anew
    }
    return {};
}

// What is only away for now takes the same pack later.
Result<void> Sealer::refused(const Error& why) {
    if (why.fault == Fault::unavailable || why.fault == Fault::conflict) return why;
    const Pack pack = std::move(*pack_);
    pack_.reset();
    Result<void> result;
    for (const auto& step : pack.steps) {
        if (auto one = failed(step.name, why); !one) result = std::move(one);
    }
    return result;
}

// What came of it before need not be sent again.
Result<void> Sealer::store(const Pack& pack) {
    GYRE_TRY_ASSIGN(const auto there, ports_.blobs.touch(pack.blob));
    if (there) return {};
    GYRE_TRY_ASSIGN(std::int64_t offset, ports_.blobs.partial_length(pack.blob));
    if (offset >= pack.size) return ports_.blobs.append(pack.blob, offset, pack.size, "");
    while (offset < pack.size) {
        GYRE_TRY_ASSIGN(const std::string piece, read_piece(pack.file, offset, pack.size - offset));
        GYRE_TRY(ports_.blobs.append(pack.blob, offset, pack.size, piece));
        offset += std::ssize(piece);
    }
    return {};
}

}  // namespace gyre::output
