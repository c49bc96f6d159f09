#include "gateway/kept_blobs.h"

#include <unordered_set>

#include "base/log.h"
#include "gateway/gateway.h"
#include "model/chunk_list.h"
#include "model/job_manifest.h"

// What an agent names must be there, and stay there: a sweep of blobs that nobody names may be under way.

namespace gyre::gateway {
namespace {

constexpr std::size_t most_trees = 200;  // that a manifest keeps alive
constexpr std::size_t head_bytes = 64;   // tell a list of chunks

Error lacks(const std::string& name) { return invalid("there is no blob " + name + ": send it first"); }

}  // namespace

Result<std::string> read_tree_list(BlobStore& blobs, const std::string& tree) {
    GYRE_TRY_ASSIGN(const auto reader, blobs.open(tree));
    GYRE_TRY_ASSIGN(std::string text, reader->read(head_bytes));
    if (!is_chunk_list(text)) return std::string();
    if (reader->size() > largest_chunk_list) return too_large("a list of chunks of more than 20 MB");
    while (true) {
        GYRE_TRY_ASSIGN(const std::string piece, reader->read(1 << 20));
        if (piece.empty()) return text;
        text += piece;
    }
}

Gateway::Answer Gateway::lacking_blobs(const HolderHandle& /*holder*/, httpd::Request& request) {
    GYRE_TRY_ASSIGN(const auto asked,
                    from_json_text<wire::BlobNames>(request.body, {.bytes = request.body.size() + 1}));
    if (asked.names.size() > wire::most_blob_names) return too_large("more than 1000 blobs in one question");
    wire::BlobNames lacking;
    for (const auto& name : asked.names) {
        if (!is_blob_name(name)) return invalid("a blob is named by 64 lower-case hexadecimal digits");
        GYRE_TRY_ASSIGN(const auto size, ports_.blobs.touch(name));
        if (!size) lacking.names.push_back(name);
    }
    return httpd::json_answer(to_json(lacking));
}

// A manifest that makes no sense does not hold up the end that it came with, nor does a store of objects that is away:
// the job had the tree a moment ago. Errors: `unavailable`.
Result<void> Gateway::save_manifest(const Holder& holder, std::string body) {
    if (body.empty()) return {};
    auto manifest = read_manifest(body);
    if (manifest && manifest->attempt != holder.attempt) manifest = invalid("it is another attempt's");
    if (!manifest) {
        log::warn("gateway", "attempt {}: its manifest is not kept: {}", holder.attempt.id().text,
                  manifest.error().message);
        return {};
    }
    ToldManifest told{.body = std::move(body), .trees = {}, .told_at = ports_.clock.now()};
    // What a sweep could not read would stop it; a store that is away does not hold up the end of a job.
    for (auto& tree : trees_of(*manifest)) {
        const auto size = tree_size(tree);
        if (size) told.trees.push_back(std::move(tree));
        if (told.trees.size() == most_trees || (!size && size.error().fault == Fault::unavailable)) break;
    }
    auto saved = ports_.records.save_manifest(holder.attempt, told, Durable::with_the_next);
    if (saved || saved.error().fault == Fault::unavailable) return saved;
    log::warn("gateway", "attempt {}: its manifest is not kept: {}", holder.attempt.id().text, saved.error().message);
    return {};
}

// By the records, whatever the agent says.
Result<CacheScope> Gateway::cache_scope(const Holder& holder) {
    GYRE_TRY_ASSIGN(const auto workflow, ports_.workflows.load_job(holder.attempt.job));
    GYRE_TRY_ASSIGN(const auto pipeline, ports_.workflows.load_pipeline(workflow.pipeline));
    return CacheScope(holder.project, pipeline.trigger.fork);
}

Result<std::int64_t> Gateway::blob_size(const std::string& name) {
    if (!is_blob_name(name)) return invalid("a blob is named by 64 lower-case hexadecimal digits");
    GYRE_TRY_ASSIGN(const auto size, ports_.blobs.touch(name));
    if (!size) return lacks(name);
    return *size;
}

// Of the chunks that a list names; of a whole stream, which earlier agents send, its own.
Result<std::int64_t> Gateway::tree_size(const std::string& name) {
    GYRE_TRY_ASSIGN(const auto size, blob_size(name));
    GYRE_TRY_ASSIGN(const auto list, read_tree_list(ports_.blobs, name));
    return list.empty() ? size : chunks_size(list);
}

// What a list says of sizes is its sender's word.
Result<std::int64_t> Gateway::chunks_size(const std::string& list) {
    const auto chunks = read_chunk_list(list);
    if (!chunks) return invalid(chunks.error().message);
    std::unordered_set<std::string_view> seen;
    std::int64_t bytes = 0;
    for (const auto& chunk : *chunks) {
        if (!seen.insert(chunk.sha256).second) continue;
        GYRE_TRY_ASSIGN(const auto size, ports_.blobs.touch(chunk.sha256));
        if (!size) return lacks(chunk.sha256);
        if (*size != chunk.stored) return invalid("chunk " + chunk.sha256 + " has not the size that its list says");
        bytes += *size;
    }
    if (bytes > settings_.limits.blob_bytes)
        return too_large("a cache or workspace layer may have at most " + std::to_string(settings_.limits.blob_bytes) +
                         " bytes");
    return bytes;
}

}  // namespace gyre::gateway
