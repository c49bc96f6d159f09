#include "output/sweep.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "model/chunk_list.h"

namespace gyre::output {
namespace {

constexpr std::string_view whole_stream = "\x28\xb5\x2f\xfd";  // as a zstd frame begins

using Packed = std::array<char, 32>;

int digit(char c) { return c <= '9' ? c - '0' : c - 'a' + 10; }

Packed packed(const std::string& name) {
    Packed bytes{};
    for (std::size_t i = 0; i < bytes.size(); ++i)
        bytes[i] = static_cast<char>(digit(name[2 * i]) * 16 + digit(name[2 * i + 1]));
    return bytes;
}

// The chunks of a tree; none of a whole stream, or of what is not there.
Result<ChunkList> chunks_of(BlobStore& blobs, const std::string& tree) {
    const auto reader = blobs.open(tree);
    if (!reader && reader.error().fault == Fault::not_found) return ChunkList{};
    if (!reader) return reader.error();
    GYRE_TRY_ASSIGN(std::string text, (*reader)->read(64));
    if (text.starts_with(whole_stream)) return ChunkList{};
    if (!is_chunk_list(text) || (*reader)->size() > largest_chunk_list)
        return corrupt("it is damaged: see gyre doctor --repair");
    while (true) {
        GYRE_TRY_ASSIGN(const std::string piece, (*reader)->read(1 << 20));
        if (piece.empty()) return read_chunk_list(text);
        text += piece;
    }
}

Result<std::vector<Packed>> named_blobs(Keepsakes& keepsakes, BlobStore& blobs,
                                        const std::function<Result<void>()>& go_on) {
    std::vector<Packed> named;
    std::vector<std::string> trees;
    GYRE_TRY(keepsakes.each_named_blob([&](const std::string& name, bool tree) -> Result<void> {
        if (!is_blob_name(name)) return {};
        named.push_back(packed(name));
        if (tree) trees.push_back(name);
        return {};
    }));
    for (const auto& tree : trees) {
        GYRE_TRY(go_on());
        auto chunks = chunks_of(blobs, tree);
        if (!chunks) return chunks.error().during("no blob is removed, for the chunks of " + tree + " are not known");
        for (const auto& chunk : *chunks) named.push_back(packed(chunk.sha256));
    }
    std::sort(named.begin(), named.end());
    named.erase(std::unique(named.begin(), named.end()), named.end());
    return named;
}

Result<std::int64_t> drop_caches(Keepsakes& keepsakes, const SweepRules& rules,
                                 const std::optional<std::int64_t>& free_bytes) {
    std::vector<KeptCache> caches;
    GYRE_TRY(keepsakes.each_cache([&](const KeptCache& cache) -> Result<void> {
        caches.push_back(cache);
        return {};
    }));
    std::int64_t count = 0;
    const std::int64_t to_free = free_bytes ? rules.least_free - *free_bytes : 0;
    for (const auto& cache : caches_to_drop(caches, rules.limits, to_free)) {
        GYRE_TRY_ASSIGN(const bool dropped, keepsakes.drop_cache(cache));
        count += dropped ? 1 : 0;
    }
    return count;
}

}  // namespace

Result<Swept> sweep(Keepsakes& keepsakes, BlobStore& blobs, const SweepRules& rules,
                    const std::function<Result<std::optional<std::int64_t>>()>& free_bytes,
                    const std::function<Result<void>()>& go_on) {
    const auto lists = blobs.each([](const IdleBlob&) { return Result<void>(conflict("it does")); });
    if (!lists && lists.error().fault == Fault::invalid) return lists.error();  // dropping caches would free nothing
    const auto began = std::chrono::steady_clock::now();
    Swept swept;
    GYRE_TRY_ASSIGN(const auto free, free_bytes());
    GYRE_TRY_ASSIGN(swept.caches, drop_caches(keepsakes, rules, free));
    GYRE_TRY_ASSIGN(const auto named, named_blobs(keepsakes, blobs, go_on));
    const auto look = [&](const IdleBlob& blob) -> Result<void> {
        GYRE_TRY(go_on());
        if (std::binary_search(named.begin(), named.end(), packed(blob.sha256))) return {};
        // What was named since has been touched since, and may look idle again when so much time has passed.
        if (rules.grace.count() > 0 && std::chrono::steady_clock::now() - began > rules.grace / 2)
            return unavailable("the sweep takes too long for its grace period, and goes on another time");
        const bool idle = blob.idle >= rules.grace;
        auto removed = idle ? blobs.remove(blob.sha256, rules.grace) : Result<bool>(false);
        if (!removed) return removed.error();
        swept.blobs += *removed ? 1 : 0;
        (*removed ? swept.bytes : swept.waiting) += blob.size;
        return {};
    };
    GYRE_TRY(blobs.each(look));
    return swept;
}

}  // namespace gyre::output
