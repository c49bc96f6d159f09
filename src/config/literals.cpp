#include "config/literals.h"

#include "config/duration.h"

namespace gyre::config {
namespace {

void warn_secret(Context& context, const Secret& secret) {
    const bool whole = secret.at == secret.value->span;
    context.warn({.code = Code::secret_literal,
                  .at = whole ? Value{secret.value} : context.part_of({secret.value}, secret.at),
                  .message = (secret.name.empty() ? "this" : "the value of '" + clipped(secret.name, 60) + "'") +
                             " looks like a secret, and everybody who reads the config can read it",
                  .expected = "a variable of a context or of the project, used as $NAME"});
}

// Unchanging, as far as the text tells: references may stand for anything.
bool never_changes(std::string_view key) {
    for (const std::string_view part : {"<<", "checksum", "epoch", ".Revision", ".BuildNum", ".Environment"}) {
        if (key.find(part) != std::string_view::npos) return false;
    }
    return true;
}

void check_cache(Context& context, const Node& save) {
    const Entry* key = save.kind == NodeKind::mapping ? save.find("key") : nullptr;
    if (key == nullptr || key->value.node->kind != NodeKind::scalar || !never_changes(key->value.node->text)) return;
    context.warn({.code = Code::cache_key_without_checksum,
                  .at = {key->value.node},
                  .message = "a cache is never written again under a key that stays the same",
                  .expected = "{{ checksum \"file\" }} in it, of the file that decides what is in the cache"});
}

void check_timeout(Context& context, const Node& value) {
    const auto duration = value.kind == NodeKind::scalar ? parse_duration(value.text) : std::nullopt;
    if (!duration || duration->milliseconds <= longest_job_ms) return;
    context.warn({.code = Code::timeout_above_limit,
                  .at = {&value},
                  .message = "'no_output_timeout' is longer than a job may take (5 hours, unless the server's settings "
                             "say otherwise)",
                  .expected = "5h or less"});
}

void check_entry(Context& context, const Entry& entry) {
    const std::string_view key = entry.key->text;
    if (key == "save_cache" || key == "save-cache") check_cache(context, *entry.value.node);
    if (key == "no_output_timeout") check_timeout(context, *entry.value.node);
}

}  // namespace

void check_literals(Context& context, const Document& document, const std::vector<Secret>& secrets) {
    for (const Secret& secret : secrets) {
        if (context.has_warned_enough()) return;
        warn_secret(context, secret);
    }
    for (const Node& node : document.nodes()) {
        if (context.has_warned_enough()) return;
        for (const Entry& entry : node.entries) {
            if (entry.merge == nullptr) check_entry(context, entry);
        }
    }
}

}  // namespace gyre::config
