#include "model/chunk_list.h"

#include <charconv>
#include <optional>
#include <unordered_set>

namespace gyre {
namespace {

constexpr std::string_view head = "gyre-chunks 1\n";
constexpr std::size_t name_length = 64;

bool is_name(std::string_view text) { return text.find_first_not_of("0123456789abcdef") == text.npos; }

// Takes a number and the byte behind it off `line`.
std::optional<std::int64_t> take_number(std::string_view& line, char behind) {
    std::int64_t value = 0;
    const auto [end, failed] = std::from_chars(line.data(), line.data() + line.size(), value);
    if (failed != std::errc{} || end == line.data() + line.size() || *end != behind) return std::nullopt;
    line.remove_prefix(static_cast<std::size_t>(end - line.data()) + 1);
    return value;
}

// Takes a line off `text`.
std::optional<Chunk> take_chunk(std::string_view& text) {
    if (text.size() <= name_length || text[name_length] != ' ' || !is_name(text.substr(0, name_length)))
        return std::nullopt;
    Chunk chunk{std::string(text.substr(0, name_length)), 0, 0};
    text.remove_prefix(name_length + 1);
    const auto stored = take_number(text, ' ');
    const auto content = take_number(text, '\n');
    if (!stored || *stored < 1 || *stored > largest_stored_chunk) return std::nullopt;
    if (!content || *content < 1 || *content > largest_chunk) return std::nullopt;
    chunk.stored = *stored;
    chunk.content = *content;
    return chunk;
}

}  // namespace

bool is_chunk_list(std::string_view blob) { return blob.starts_with(head); }

bool names_chunk(std::string_view list, const std::string& sha256) {
    return is_chunk_list(list) && list.find('\n' + sha256 + ' ') != list.npos;
}

std::string write_chunk_list(const ChunkList& chunks) {
    std::string text(head);
    for (const auto& chunk : chunks) {
        text += chunk.sha256 + ' ' + std::to_string(chunk.stored) + ' ' + std::to_string(chunk.content) + '\n';
    }
    return text;
}

Result<ChunkList> read_chunk_list(std::string_view blob) {
    if (!is_chunk_list(blob)) return corrupt("this is no list of chunks");
    blob.remove_prefix(head.size());
    ChunkList chunks;
    while (!blob.empty()) {
        auto chunk = take_chunk(blob);
        if (!chunk)
            return corrupt("line " + std::to_string(chunks.size() + 2) + " of a list of chunks cannot be right");
        if (chunks.size() == most_chunks)
            return too_large("a list of more than " + std::to_string(most_chunks) + " chunks");
        chunks.push_back(std::move(*chunk));
    }
    return chunks;
}

std::int64_t stored_bytes(const ChunkList& chunks) {
    std::unordered_set<std::string_view> seen;
    std::int64_t bytes = 0;
    for (const auto& chunk : chunks) {
        if (seen.insert(chunk.sha256).second) bytes += chunk.stored;
    }
    return bytes;
}

}  // namespace gyre
