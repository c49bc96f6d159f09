#include "output/sweep.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "base/clock.h"
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

// Reads on to the end, where the store tells whether all of it is what was stored.
Result<ChunkList> whole_without_chunks(BlobReader& reader) {
    while (true) {
        GYRE_TRY_ASSIGN(const std::string piece, reader.read(1 << 20));
        if (piece.empty()) return ChunkList{};
    }
}

// The chunks of a tree; none of a whole stream, or of what is not there.
Result<ChunkList> chunks_of(BlobStore& blobs, const std::string& tree) {
    const auto reader = blobs.open(tree);
    if (!reader && reader.error().fault == Fault::not_found) return ChunkList{};
    if (!reader) return reader.error();
    GYRE_TRY_ASSIGN(std::string text, (*reader)->read(64));
    if (text.starts_with(whole_stream)) return ChunkList{};
    // What else is whole names nothing: a faulty agent may have stored it, and shall not end all sweeping.
    if (!is_chunk_list(text) || (*reader)->size() > largest_chunk_list) return whole_without_chunks(**reader);
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

// `waiting`: bytes of blobs that nobody names and that go later.
Result<std::int64_t> drop_caches(Keepsakes& keepsakes, const SweepRules& rules,
                                 const std::optional<std::int64_t>& free_bytes, std::int64_t waiting) {
    std::vector<KeptCache> caches;
    GYRE_TRY(keepsakes.each_cache([&](const KeptCache& cache) -> Result<void> {
        caches.push_back(cache);
        return {};
    }));
    std::int64_t count = 0;
    const std::int64_t to_free = free_bytes ? rules.least_free - *free_bytes - waiting : 0;
    for (const auto& cache : caches_to_drop(caches, rules.limits, to_free)) {
        GYRE_TRY_ASSIGN(const bool dropped, keepsakes.drop_cache(cache));
        count += dropped ? 1 : 0;
    }
    return count;
}

// Adds to `swept` what it removes; `waiting` becomes what it is now.
Result<void> remove_unnamed(Keepsakes& keepsakes, BlobStore& blobs, std::chrono::seconds grace,
                            const std::function<Result<void>()>& go_on, Swept& swept) {
    const auto began = std::chrono::system_clock::now();
    GYRE_TRY_ASSIGN(const auto named, named_blobs(keepsakes, blobs, go_on));
    swept.waiting = 0;
    return blobs.each([&](const IdleBlob& blob) -> Result<void> {
        GYRE_TRY(go_on());
        if (std::binary_search(named.begin(), named.end(), packed(blob.sha256))) return {};
        // What was named since has been touched since, and may look idle again when so much time has passed by the
        // clock of the machine, which may have been set, or gone on while the machine slept.
        if (grace.count() > 0 && std::chrono::system_clock::now() - began > grace / 2)
            return unavailable("the sweep takes too long for its grace period, and goes on another time");
        auto removed = blob.idle >= grace ? blobs.remove(blob.sha256, grace) : Result<bool>(false);
        if (!removed) return removed.error();
        swept.blobs += *removed ? 1 : 0;
        (*removed ? swept.bytes : swept.waiting) += blob.size;
        return {};
    });
}

Result<std::int64_t> release_trees(Keepsakes& keepsakes, std::chrono::hours told_before) {
    return keepsakes.release_trees(SystemClock().now() - told_before);
}

// When the disk is too full. True: something went, and the blobs are to be looked at again.
Result<bool> release_early(Keepsakes& keepsakes, const SweepRules& rules, const std::optional<std::int64_t>& free_bytes,
                           Swept& swept) {
    if (!free_bytes || *free_bytes + swept.waiting >= rules.least_free) return false;
    GYRE_TRY_ASSIGN(const auto released, release_trees(keepsakes, for_replay_when_full));
    swept.trees += released;
    return released > 0;
}

}  // namespace

Result<Swept> sweep(Keepsakes& keepsakes, BlobStore& blobs, const SweepRules& rules,
                    const std::function<Result<std::optional<std::int64_t>>()>& free_bytes,
                    const std::function<Result<void>()>& go_on) {
    const auto lists = blobs.each([](const IdleBlob&) { return Result<void>(conflict("it does")); });
    if (!lists && lists.error().fault == Fault::invalid) return lists.error();  // dropping caches would free nothing
    Swept swept;
    if (rules.for_replay.count() > 0) {
        GYRE_TRY_ASSIGN(swept.trees, release_trees(keepsakes, rules.for_replay));
    }
    GYRE_TRY(remove_unnamed(keepsakes, blobs, rules.grace, go_on, swept));
    GYRE_TRY_ASSIGN(auto free, free_bytes());
    GYRE_TRY_ASSIGN(const bool released, release_early(keepsakes, rules, free, swept));
    if (released) {
        GYRE_TRY(remove_unnamed(keepsakes, blobs, rules.grace, go_on, swept));
        GYRE_TRY_ASSIGN(free, free_bytes());
    }
    GYRE_TRY_ASSIGN(swept.caches, drop_caches(keepsakes, rules, free, swept.waiting));
    if (swept.caches > 0) GYRE_TRY(remove_unnamed(keepsakes, blobs, rules.grace, go_on, swept));
    return swept;
}

}  // namespace gyre::output
