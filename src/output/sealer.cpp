#include "output/sealer.h"

#include <algorithm>

#include "base/log.h"

namespace gyre::output {
namespace {

constexpr std::size_t read_at_once = 1 << 20;
constexpr int failures_to_leave = 2;

}  // namespace

Result<SealedCount> Sealer::turn(const GoOn& go_on, Instant now) {
    Turn turn{.go_on = go_on, .now = now, .count = {}, .troubled = {}, .looked_up = {}};
    std::erase_if(troubles_, [&](const auto& one) { return now - one.second.last >= rules_.left_for; });
    GYRE_TRY(end_pack(turn));  // of an earlier turn, which could not store it
    const auto visit = [&](const OutputName& name) -> Result<void> {
        GYRE_TRY(go_on());
        return look_at(turn, name);
    };
    GYRE_TRY(ports_.raw.each(visit));
    GYRE_TRY(end_pack(turn));
    std::erase_if(troubles_, [&](const auto& one) { return !turn.troubled.contains(one.first); });
    return turn.count;
}

Result<bool> Sealer::has_ended(Turn& turn, const AttemptRef& attempt) {
    if (!turn.looked_up || turn.looked_up->first != attempt) {
        GYRE_TRY_ASSIGN(const bool ended, ports_.sealed.has_ended(attempt));
        turn.looked_up.emplace(attempt, ended);
    }
    return turn.looked_up->second;
}

Result<void> Sealer::failed(Turn& turn, const OutputName& name, const Error& why) {
    auto& trouble = troubles_[key_of(name)];
    trouble.last = turn.now;
    turn.troubled.insert(key_of(name));
    const bool left = ++trouble.failures >= failures_to_leave;
    log::warn("output", "the output of step {} of attempt {} stays unsealed for {}: {}", name.step,
              name.attempt.id().text, left ? "a while" : "now", why.message);
    return ++turn.failures > rules_.most_failures ? Result<void>(why) : Result<void>();
}

Result<void> Sealer::look_at(Turn& turn, const OutputName& name) {
    bool alone = false;
    if (const auto trouble = troubles_.find(key_of(name)); trouble != troubles_.end()) {
        turn.troubled.insert(trouble->first);
        if (trouble->second.failures >= failures_to_leave) return {};
        alone = trouble->second.alone;
    }
    GYRE_TRY_ASSIGN(const bool ended, has_ended(turn, name.attempt));
    if (!ended) return {};
    const auto length = ports_.raw.length(name);
    if (!length) return failed(turn, name, length.error());
    GYRE_TRY_ASSIGN(const auto known, ports_.sealed.find(name));
    if ((known ? known->bytes : 0) < *length) return seal(turn, name, *length, alone);
    GYRE_TRY(ports_.raw.remove(name, *length));
    return {};
}

Result<void> Sealer::seal(Turn& turn, const OutputName& name, std::int64_t length, bool alone) {
    if (alone) GYRE_TRY(end_pack(turn));
    GYRE_TRY(pack(turn, name, length));
    if (!pack_) return {};
    const bool full = pack_->file.size() >= rules_.pack_bytes || pack_->steps.size() >= rules_.pack_outputs;
    return full || alone ? end_pack(turn) : Result<void>();
}

Result<void> Sealer::pack(Turn& turn, const OutputName& name, std::int64_t length) {
    if (!pack_) {
        GYRE_TRY_ASSIGN(PackFile file, PackFile::open(scratch_));
        pack_.emplace(Pack{.file = std::move(file), .steps = {}, .blob = {}});
    }
    const std::int64_t begin = pack_->file.size();
    const auto whole = write_part(turn, name, length);
    if (whole && *whole) {
        const std::int64_t size = pack_->file.size() - begin;
        pack_->steps.push_back({name, {.blob = {}, .at = begin, .size = size, .bytes = length}});
        return {};
    }
    writer_ = PartWriter();
    const auto cut = pack_->file.cut(begin);
    if (!cut || begin == 0) pack_.reset();  // what was in it is packed again by the next turn
    if (!whole) return whole.error();
    return cut;
}

Result<bool> Sealer::write_part(Turn& turn, const OutputName& name, std::int64_t length) {
    std::string stored;
    for (std::int64_t offset = 0; offset < length;) {
        GYRE_TRY(turn.go_on());
        const auto most = std::min<std::int64_t>(length - offset, read_at_once);
        auto bytes = ports_.raw.read(name, offset, static_cast<std::size_t>(most));
        if (bytes && bytes->empty()) {
            const auto now = ports_.raw.length(name);
            if (now && *now == 0) return false;  // another server has sealed it
            bytes = corrupt("it became shorter meanwhile");
        }
        auto done = bytes ? writer_.add(*bytes, stored) : Result<void>(bytes.error());
        if (done && offset + std::ssize(*bytes) >= length) done = writer_.finish(stored);
        if (!done) {
            GYRE_TRY(failed(turn, name, done.error()));
            return false;
        }
        GYRE_TRY(pack_->file.append(stored));
        stored.clear();
        offset += std::ssize(*bytes);
    }
    return true;
}

Result<void> Sealer::end_pack(Turn& turn) {
    if (!pack_) return {};
    if (pack_->blob.empty()) {
        pack_->blob = pack_->file.hash();
        for (auto& step : pack_->steps) step.sealed.blob = pack_->blob;
    }
    auto done = store(turn, *pack_);
    if (done) done = record(turn, *pack_);
    if (!done) return refused(turn, done.error());
    turn.count.stored += pack_->file.size();
    pack_.reset();
    return {};
}

// Each piece is recorded before its raw bytes go; repeating it is harmless.
Result<void> Sealer::record(Turn& turn, const Pack& pack) {
    for (auto begin = pack.steps.begin(); begin != pack.steps.end();) {
        const auto end = begin + std::min(pack.steps.end() - begin, rules_.records_at_once);
        GYRE_TRY(ports_.sealed.add({begin, end}));
        for (; begin != end; ++begin) {
            GYRE_TRY(ports_.raw.remove(begin->name, begin->sealed.bytes));  // one that grew is sealed anew
            ++turn.count.outputs;
            turn.count.bytes += begin->sealed.bytes;
        }
    }
    return {};
}

// What is only away for now takes the same pack later.
Result<void> Sealer::refused(Turn& turn, const Error& why) {
    if (why.fault == Fault::unavailable || why.fault == Fault::conflict) return why;
    const Pack pack = std::move(*pack_);
    pack_.reset();
    if (pack.steps.size() == 1) return failed(turn, pack.steps.front().name, why);
    log::warn("output", "{} outputs in one object were refused, and are sealed each by itself: {}", pack.steps.size(),
              why.message);
    for (const auto& step : pack.steps) {
        auto& trouble = troubles_[key_of(step.name)];
        trouble.alone = true;
        trouble.last = turn.now;
        turn.troubled.insert(key_of(step.name));
    }
    return {};
}

// What came of it before need not be sent again. The raw bytes go on the word that it is there.
Result<void> Sealer::store(const Turn& turn, const Pack& pack) {
    GYRE_TRY_ASSIGN(const auto touched, ports_.blobs.touch(pack.blob));
    if (touched) {
        GYRE_TRY_ASSIGN(const bool there, ports_.blobs.exists(pack.blob));
        if (there) return {};
    }
    GYRE_TRY_ASSIGN(std::int64_t offset, ports_.blobs.partial_length(pack.blob));
    const std::int64_t size = pack.file.size();
    if (offset >= size) return ports_.blobs.append(pack.blob, offset, size, "");
    while (offset < size) {
        GYRE_TRY(turn.go_on());
        GYRE_TRY_ASSIGN(const std::string piece, pack.file.read(offset, static_cast<std::size_t>(size - offset)));
        GYRE_TRY(ports_.blobs.append(pack.blob, offset, size, piece));
        offset += std::ssize(piece);
    }
    return {};
}

}  // namespace gyre::output
