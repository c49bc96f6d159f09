#include "apps/gyre/tree_copy.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "model/chunk_list.h"

namespace gyre::apps {
namespace {

// `what`: the tree, or the tree and one of its chunks.
Result<std::string> download(ApiClient& client, const NamedRun& run, const std::string& what, std::int64_t most) {
    std::string bytes;
    GYRE_TRY(client.stream(target_of(run, "/trees/" + what), [&](std::string_view piece) -> Result<void> {
        if (std::ssize(bytes) + std::ssize(piece) > most)
            return too_large("a part of it has more than " + std::to_string(most >> 20) + " MB");
        bytes += piece;
        return {};
    }));
    return bytes;
}

// The store refuses what does not hash to the name.
Result<void> put(BlobStore& store, const std::string& name, const std::string& bytes) {
    GYRE_TRY_ASSIGN(const auto begun, store.partial_length(name));
    const auto known = std::min<std::int64_t>(begun, std::ssize(bytes));
    return store.append(name, known, std::ssize(bytes),
                        std::string_view(bytes).substr(static_cast<std::size_t>(known)));
}

Result<std::string> read_whole(BlobStore& store, const std::string& name) {
    GYRE_TRY_ASSIGN(const auto reader, store.open(name));
    std::string bytes;
    while (true) {
        GYRE_TRY_ASSIGN(const std::string piece, reader->read(1 << 20));
        if (piece.empty()) return bytes;
        bytes += piece;
        if (std::ssize(bytes) > largest_chunk_list) return too_large("it is no list of chunks, and no chunk");
    }
}

// What is here, all of it. Nothing: it is not, or was damaged, and is gone now.
Result<std::optional<std::string>> read_sound(BlobStore& store, const std::string& name) {
    auto bytes = read_whole(store, name);
    if (bytes) return std::optional(std::move(*bytes));
    if (bytes.error().fault == Fault::not_found) return std::optional<std::string>();
    if (bytes.error().fault != Fault::corrupt) return bytes.error();
    GYRE_TRY(store.discard_damaged(name));
    return std::optional<std::string>();
}

}  // namespace

Result<CopiedTree> copy_tree(ApiClient& client, const NamedRun& run, const std::string& tree, BlobStore& store) {
    CopiedTree copied;
    GYRE_TRY_ASSIGN(auto list, read_sound(store, tree));
    const bool is_here = list.has_value();
    if (!is_here) {
        GYRE_TRY_ASSIGN(list, download(client, run, tree, largest_chunk_list));
        copied.bytes += std::ssize(*list);
    }
    if (is_chunk_list(*list)) {
        GYRE_TRY_ASSIGN(const auto chunks, read_chunk_list(*list));
        for (const auto& chunk : chunks) {
            GYRE_TRY_ASSIGN(const auto known, read_sound(store, chunk.sha256));
            if (known) continue;
            GYRE_TRY_ASSIGN(const auto bytes, download(client, run, tree + "/" + chunk.sha256, largest_stored_chunk));
            GYRE_TRY(put(store, chunk.sha256, bytes));
            copied.bytes += std::ssize(bytes);
        }
    }
    if (!is_here) GYRE_TRY(put(store, tree, *list));
    return copied;
}

}  // namespace gyre::apps
