#include "backup/contents.h"

#include <algorithm>

#include "backup/outputs.h"
#include "base/digest.h"
#include "model/chunk_list.h"

namespace gyre::backup {
namespace {

constexpr std::size_t read_at_once = 1 << 20;
constexpr std::size_t most_findings = 100;
constexpr std::string_view whole_stream = "\x28\xb5\x2f\xfd";  // as a zstd frame begins

int digit(char c) { return c <= '9' ? c - '0' : c - 'a' + 10; }

std::array<char, 32> packed(const std::string& name) {
    std::array<char, 32> bytes{};
    for (std::size_t i = 0; i < bytes.size(); ++i)
        bytes[i] = static_cast<char>(digit(name[2 * i]) * 16 + digit(name[2 * i + 1]));
    return bytes;
}

// Texts of rows may hold any bytes.
Result<json::array> read_row(std::string_view line) {
    json::parse_options options;
    options.max_depth = 4;
    options.allow_invalid_utf8 = true;
    json::error_code failed;
    auto value = json::parse(json::string_view(line.data(), line.size()), failed, {}, options);
    if (failed || !value.is_array()) return corrupt("a row cannot be right");
    return std::move(value.get_array());
}

Result<StoredBlob> read_blob(std::string_view line) {
    GYRE_TRY_ASSIGN(const auto parts, read_row(line));
    const bool fine = parts.size() == 2 && parts[0].is_string() && is_blob_name(parts[0].get_string()) &&
                      parts[1].is_int64() && parts[1].get_int64() >= 0;
    if (!fine) return corrupt("an entry of the list of objects cannot be right");
    return StoredBlob{std::string(parts[0].get_string()), parts[1].get_int64()};
}

Result<void> each_line(BlobStore& store, const Lines& lines, const std::function<Result<void>(std::string_view)>& act) {
    LineReader reader(store, lines);
    for (;;) {
        GYRE_TRY_ASSIGN(const auto line, reader.next());
        if (!line) return {};
        GYRE_TRY(act(*line));
    }
}

Result<void> each_output(BlobStore& store, const Manifest& manifest,
                         const std::function<Result<void>(const PackedOutput&)>& act) {
    return each_line(store, manifest.outputs, [&](std::string_view line) -> Result<void> {
        GYRE_TRY_ASSIGN(const PackedOutput output, read_output(line));
        return act(output);
    });
}

Result<void> copy_once(BlobStore& from, BlobStore& to, const std::string& name) {
    GYRE_TRY_ASSIGN(const auto reader, from.open(name));
    const auto total = reader->size();
    GYRE_TRY_ASSIGN(const auto begun, to.partial_length(name));
    std::int64_t offset = 0;
    for (;;) {
        GYRE_TRY_ASSIGN(const std::string bytes, reader->read(read_at_once));
        const auto end = offset + std::ssize(bytes);
        if (end > begun || total == 0) {
            const auto known = static_cast<std::size_t>(std::max<std::int64_t>(begun - offset, 0));
            GYRE_TRY(to.append(name, offset + static_cast<std::int64_t>(known), total,
                               std::string_view(bytes).substr(known)));
        }
        offset = end;
        if (bytes.empty() || offset == total) break;
    }
    // All of it may have come before, and only the end not been noticed.
    return begun >= total ? to.append(name, begun, total, "") : Result<void>();
}

}  // namespace

void Names::add(const std::string& name) {
    names_.push_back(packed(name));
    if (names_.size() < settle_at_) return;
    settle();
    settle_at_ = std::max(settle_at_, 2 * names_.size());
}

void Names::settle() {
    std::sort(names_.begin(), names_.end());
    names_.erase(std::unique(names_.begin(), names_.end()), names_.end());
}

bool Names::contains(const std::string& name) const {
    return std::binary_search(names_.begin(), names_.end(), packed(name));
}

std::string Names::at(std::size_t place) const {
    return to_hex(std::string_view(names_[place].data(), names_[place].size()));
}

void Sizes::add(const StoredBlob& blob) { entries_.push_back({packed(blob.name), blob.bytes}); }

void Sizes::settle() { std::ranges::sort(entries_, {}, &Entry::name); }

std::optional<std::int64_t> Sizes::find(const std::string& name) const {
    const auto wanted = packed(name);
    const auto found = std::ranges::lower_bound(entries_, wanted, {}, &Entry::name);
    if (found == entries_.end() || found->name != wanted) return std::nullopt;
    return found->bytes;
}

Result<std::optional<json::array>> RowReader::next() {
    const auto line = lines_.next();
    if (!line) return line.error().during("table " + table_);
    if (!*line) return std::optional<json::array>();
    auto row = read_row(**line);
    if (!row) return row.error().during("table " + table_);
    if (row->size() != columns_) return corrupt("table " + table_ + ": a row has not one value for each column");
    return std::optional(std::move(*row));
}

Result<void> each_row(BlobStore& store, const TableRows& table,
                      const std::function<Result<void>(const json::array& row)>& act) {
    RowReader reader(store, table);
    for (;;) {
        GYRE_TRY_ASSIGN(const auto row, reader.next());
        if (!row) return {};
        if (const auto done = act(*row); !done) return done.error().during("table " + table.name);
    }
}

Result<void> each_blob(BlobStore& store, const Manifest& manifest,
                       const std::function<Result<void>(const StoredBlob& blob)>& act) {
    return each_line(store, manifest.blobs, [&](std::string_view line) -> Result<void> {
        GYRE_TRY_ASSIGN(const StoredBlob blob, read_blob(line));
        return act(blob);
    });
}

Result<void> add_objects(BlobStore& store, const Manifest& manifest, Names& names) {
    const auto add = [&](const Lines& lines) {
        for (const auto& piece : lines.pieces) names.add(piece);
    };
    for (const auto& table : manifest.tables) add(table.rows);
    add(manifest.blobs);
    add(manifest.outputs);
    const auto add_blob = [&](const StoredBlob& blob) -> Result<void> {
        names.add(blob.name);
        return {};
    };
    GYRE_TRY(each_blob(store, manifest, add_blob));
    std::string last;
    const auto add_packs = [&](const PackedOutput& output) -> Result<void> {
        for (const auto& stretch : output.stretches) {
            if (stretch.pack != last) names.add(stretch.pack);
            last = stretch.pack;
        }
        return {};
    };
    GYRE_TRY(each_output(store, manifest, add_packs));
    names.settle();
    return {};
}

Result<std::vector<std::string>> check_objects(BlobStore& store, const Names& names, const Watch& watch) {
    std::vector<std::string> findings;
    for (std::size_t at = 0; at < names.size() && findings.size() < most_findings; ++at) {
        const std::string name = names.at(at);
        const auto done = read_to_end(store, name);
        if (!done) findings.push_back(done.error().message);
        GYRE_TRY(watch({"checking", static_cast<std::int64_t>(at) + 1, static_cast<std::int64_t>(names.size())}));
    }
    return findings;
}

Result<void> read_to_end(BlobStore& store, const std::string& name) {
    GYRE_TRY_ASSIGN(const auto reader, store.open(name));
    for (;;) {
        GYRE_TRY_ASSIGN(const std::string bytes, reader->read(read_at_once));
        if (bytes.empty()) return {};
    }
}

Result<std::vector<std::string>> chunks_of(BlobStore& store, const std::string& name) {
    GYRE_TRY_ASSIGN(const auto reader, store.open(name));
    std::vector<std::string> names;
    if (reader->size() > largest_chunk_list) return names;
    GYRE_TRY_ASSIGN(std::string text, reader->read(64));
    if (text.starts_with(whole_stream)) return names;
    // What else does not begin like a list may be a damaged one, and the store tells at its end.
    while (true) {
        GYRE_TRY_ASSIGN(const std::string piece, reader->read(read_at_once));
        if (piece.empty()) break;
        text += piece;
    }
    const auto chunks = read_chunk_list(text);
    if (!chunks) return names;  // it is as it was stored, and names nothing
    for (const auto& chunk : *chunks) names.push_back(chunk.sha256);
    return names;
}

bool names_trees(std::string_view table) { return table != "artifacts" && table != "sealed_outputs"; }

Result<void> copy_blob(BlobStore& from, BlobStore& to, const std::string& name) {
    GYRE_TRY_ASSIGN(const bool there, to.exists(name));
    return there ? Result<void>() : copy_anew(from, to, name);
}

Result<void> copy_anew(BlobStore& from, BlobStore& to, const std::string& name) {
    const auto copied = copy_once(from, to, name);
    // What was begun before may have been damaged: it is gone now.
    if (!copied && copied.error().fault == Fault::corrupt) return copy_once(from, to, name);
    return copied;
}

Result<void> put_back(BlobStore& store, const Manifest& manifest, BlobStore& blobs, OutputStore& outputs,
                      const Watch& watch) {
    std::int64_t done = 0;
    const auto copy = [&](const StoredBlob& blob) -> Result<void> {
        GYRE_TRY(copy_blob(store, blobs, blob.name));
        return watch({"objects", ++done, manifest.blobs.lines});
    };
    GYRE_TRY(each_blob(store, manifest, copy));
    done = 0;
    PackReader packs(store);
    return each_output(store, manifest, [&](const PackedOutput& output) -> Result<void> {
        std::int64_t offset = 0;
        for (const auto& stretch : output.stretches) {
            GYRE_TRY_ASSIGN(const auto bytes, packs.read(stretch));
            GYRE_TRY_ASSIGN(const auto appended, outputs.append(output.name, offset, bytes));
            if (!appended.accepted) return corrupt("the output of a step is listed twice");
            offset = appended.length;
        }
        return watch({"outputs", ++done, manifest.outputs.lines});
    });
}

}  // namespace gyre::backup
