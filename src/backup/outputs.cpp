#include "backup/outputs.h"

#include <tuple>

#include "base/json.h"

namespace gyre::backup {
namespace {

constexpr std::size_t pack_bytes = 4 << 20;
constexpr std::size_t read_at_once = 1 << 20;
constexpr JsonLimits line_limits{.bytes = std::size_t{64} << 20, .depth = 4};

Error damaged() { return corrupt("an entry of the list of outputs cannot be right"); }

bool is_integer(const json::value& value) { return value.is_int64() && value.get_int64() >= 0; }

Result<Stretch> read_stretch(const json::value& from) {
    const auto* parts = from.if_array();
    if (!parts || parts->size() != 3 || !(*parts)[0].is_string() || !is_integer((*parts)[1]) ||
        !is_integer((*parts)[2]))
        return damaged();
    Stretch stretch{std::string((*parts)[0].get_string()), (*parts)[1].get_int64(), (*parts)[2].get_int64()};
    const auto most = static_cast<std::int64_t>(pack_bytes);
    if (!is_blob_name(stretch.pack) || stretch.length < 1 || stretch.length > most || stretch.offset > most)
        return damaged();
    return stretch;
}

}  // namespace

std::int64_t PackedOutput::bytes() const {
    std::int64_t sum = 0;
    for (const auto& stretch : stretches) sum += stretch.length;
    return sum;
}

bool before(const OutputName& a, const OutputName& b) {
    return std::tie(a.attempt, a.step) < std::tie(b.attempt, b.step);
}

std::string line_of(const PackedOutput& output) {
    json::array stretches;
    for (const auto& stretch : output.stretches)
        stretches.push_back(json::array{stretch.pack, stretch.offset, stretch.length});
    return json::serialize(json::array{output.name.attempt.job.text, output.name.attempt.task,
                                       output.name.attempt.attempt, output.name.step, std::move(stretches)});
}

Result<PackedOutput> read_output(std::string_view line) {
    GYRE_TRY_ASSIGN(const auto json, parse_json(line, line_limits));
    const auto* parts = json.if_array();
    if (!parts || parts->size() != 5 || !(*parts)[0].is_string() || !(*parts)[4].is_array()) return damaged();
    for (std::size_t at = 1; at < 4; ++at) {
        if (!is_integer((*parts)[at]) || (*parts)[at].get_int64() > 1'000'000'000) return damaged();
    }
    const auto number = [&](std::size_t at) { return static_cast<int>((*parts)[at].get_int64()); };
    PackedOutput output;
    output.name = {{JobId(std::string((*parts)[0].get_string())), number(1), number(2)}, number(3)};
    if (!is_output_name(output.name)) return damaged();
    for (const auto& one : (*parts)[4].get_array()) {
        GYRE_TRY_ASSIGN(Stretch stretch, read_stretch(one));
        output.stretches.push_back(std::move(stretch));
    }
    return output;
}

Result<void> OutputPacker::add(const OutputName& name, OutputStore& from) {
    waiting_.push_back({.name = name, .stretches = {}});
    for (std::int64_t offset = 0;;) {
        GYRE_TRY_ASSIGN(const std::string bytes,
                        from.read(name, offset, std::min(read_at_once, pack_bytes - pack_.size())));
        if (bytes.empty()) break;
        const auto length = std::ssize(bytes);
        waiting_.back().stretches.push_back({.pack = "", .offset = std::ssize(pack_), .length = length});
        pack_ += bytes;
        offset += length;
        bytes_ += length;
        if (pack_.size() >= pack_bytes) GYRE_TRY(end_pack());
    }
    if (waiting_.back().stretches.empty()) waiting_.pop_back();
    return {};
}

Result<void> OutputPacker::add_again(PackedOutput known) {
    bytes_ += known.bytes();
    for (const auto& stretch : known.stretches) GYRE_TRY(note_pack(stretch.pack));
    if (waiting_.empty()) return lines_.add(line_of(known));
    waiting_.push_back(std::move(known));
    return {};
}

// The last of those that wait may go on in the next pack, so it stays; it is the last of its pack.
Result<void> OutputPacker::end_pack() {
    GYRE_TRY_ASSIGN(const std::string name, put_compressed(*store_, pack_));
    GYRE_TRY(note_pack(name));
    pack_.clear();
    for (auto& output : waiting_) {
        for (auto& stretch : output.stretches) {
            if (stretch.pack.empty()) stretch.pack = name;
        }
    }
    for (std::size_t at = 0; at + 1 < waiting_.size(); ++at) GYRE_TRY(lines_.add(line_of(waiting_[at])));
    if (!waiting_.empty()) waiting_.erase(waiting_.begin(), waiting_.end() - 1);
    return {};
}

Result<void> OutputPacker::note_pack(const std::string& name) {
    if (packs_.size() == most_packs || packs_.contains(name)) return {};
    GYRE_TRY_ASSIGN(const auto size, store_->touch(name));
    if (size) packs_.emplace(name, *size);
    return {};
}

std::vector<StoredBlob> OutputPacker::packs() const {
    std::vector<StoredBlob> all;
    for (const auto& [name, bytes] : packs_) all.push_back({name, bytes});
    return all;
}

Result<Lines> OutputPacker::finish() {
    if (!pack_.empty()) GYRE_TRY(end_pack());
    for (const auto& output : waiting_) GYRE_TRY(lines_.add(line_of(output)));
    return lines_.finish();
}

Result<std::string_view> PackReader::read(const Stretch& stretch) {
    if (name_ != stretch.pack) {
        name_.clear();
        GYRE_TRY_ASSIGN(pack_, get_compressed(*store_, stretch.pack, pack_bytes));
        name_ = stretch.pack;
    }
    const auto offset = static_cast<std::size_t>(stretch.offset);
    const auto length = static_cast<std::size_t>(stretch.length);
    if (offset > pack_.size() || length > pack_.size() - offset) return damaged();
    return std::string_view(pack_).substr(offset, length);
}

}  // namespace gyre::backup
