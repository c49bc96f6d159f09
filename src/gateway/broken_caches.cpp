#include "base/log.h"
#include "base/terminal_text.h"
#include "gateway/gateway.h"
#include "gateway/kept_blobs.h"
#include "model/chunk_list.h"

// A cache whose bytes are lost helps nobody, and its key would stay taken. An attempt that finds one learns that it is
// lost when it fetches it; then the cache is forgotten, so that jobs save it anew. Nothing is done on an agent's word.

namespace gyre::gateway {
namespace {

constexpr std::size_t most_found = 20;  // caches of one attempt that are remembered, the last ones

// Looks again: what a bad line or bad memory did to a reading is not lost. What is damaged goes, for whoever sends
// these bytes anew would hear that they are here.
bool is_lost(BlobStore& blobs, const std::string& name) {
    const auto discarded = blobs.discard_damaged(name);
    if (!discarded) {
        log::warn("gateway", "a blob that may be damaged is left alone: {}", discarded.error().message);
        return false;
    }
    if (*discarded) log::error("gateway", "blob {} was damaged, and is removed", name);
    if (*discarded) return true;
    const auto reader = blobs.open(name);
    return !reader && reader.error().fault == Fault::not_found;
}

bool consists_of(BlobStore& blobs, const std::string& tree, const std::string& name) {
    if (tree == name) return true;
    const auto list = read_tree_list(blobs, tree);
    return list && names_chunk(*list, name);
}

}  // namespace

void Gateway::note_found(Holder& holder, CacheEntry cache) {
    const std::lock_guard lock(holder.words);
    const auto same = [&](const auto& one) { return one.key == cache.key && one.blob == cache.blob; };
    std::erase_if(holder.found_caches, same);
    if (holder.found_caches.size() == most_found) holder.found_caches.erase(holder.found_caches.begin());
    holder.found_caches.push_back(std::move(cache));
}

bool Gateway::forget_lost(Holder& holder, const std::string& name) {
    if (!is_lost(ports_.blobs, name)) return false;
    std::vector<CacheEntry> caches;
    {
        const std::lock_guard lock(holder.words);
        caches = holder.found_caches;
    }
    std::erase_if(caches, [&](const auto& cache) { return !consists_of(ports_.blobs, cache.blob, name); });
    if (caches.empty()) return false;
    const auto scope = cache_scope(holder);
    if (!scope) return false;
    for (const auto& cache : caches) {
        for (const auto& owner : {*scope, CacheScope(scope->project)}) {
            const auto forgotten = ports_.keepsakes.forget_cache(owner, cache.key, cache.blob);
            if (!forgotten) log::warn("gateway", "a broken cache is not forgotten: {}", forgotten.error().message);
            if (forgotten.value_or(false))
                log::error("gateway", "cache '{}' of project {} is forgotten: its blob {} is damaged or gone",
                           terminal_line(cache.key), holder.project.text, name);
        }
    }
    return true;
}

httpd::Response Gateway::refuse_blob(const HolderHandle& holder, const std::string& name, const Error& error) {
    const bool may_be_lost = error.fault == Fault::not_found || error.fault == Fault::corrupt;
    if (may_be_lost && holder && forget_lost(*holder, name))
        return httpd::message_answer(404,
                                     "a part of this cache is damaged or gone on the server, which has forgotten it: "
                                     "it can be saved anew");
    return httpd::error_answer(error);
}

}  // namespace gyre::gateway
