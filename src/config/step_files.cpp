#include <set>

#include "config/nearest.h"
#include "config/one_of.h"
#include "config/steps.h"

namespace gyre::config {
namespace {

template <typename Kind>
Kind with_common(Context& context, const Fields& fields) {
    Kind step;
    if (auto name = fields.text("name"); !name.empty()) step.name = std::move(name);
    step.when = read_step_condition(context, fields, step.when);
    return step;
}

void check_not_empty(Context& context, const Fields& fields, std::string_view key) {
    const Value value = fields.get(key);
    if (!value) return;
    const bool empty = value.is(NodeKind::sequence) ? value->items.empty() : value->text.empty();
    if (empty) {
        context.report({.code = Code::bad_value, .at = value, .message = "'" + std::string(key) + "' is empty"});
    }
}

Step read_checkout(Context& context, const Fields& fields) {
    auto step = with_common<CheckoutStep>(context, fields);
    step.path = fields.text("path");
    const std::string method = fields.text("method", "full");
    step.depth = fields.integer("depth", 1, 1'000'000).value_or(0);
    const auto known = enum_from<CheckoutMethod>(method);
    if (known) step.method = *known;
    if (!known && !method.empty()) {
        context.report({.code = Code::bad_value,
                        .at = fields.get("method"),
                        .message = "'" + method.substr(0, 60) + "' is no way to check out",
                        .expected = one_of(names_of<CheckoutMethod>()),
                        .suggestion = nearest(method, names_of<CheckoutMethod>())});
    }
    return step;
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blanks = " \t\r\n";
    const auto first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

constexpr std::string_view key_values =
    ".Branch, .BuildNum, .Revision, .CheckoutKey, .Environment.NAME, checksum, epoch, arch";

// Why agents would not take what stands between `{{` and `}}`; nothing when they do (agent/cache_key.cpp).
std::string wrong_in_key(std::string_view inside) {
    for (const std::string_view known : {".Branch", ".BuildNum", ".Revision", ".CheckoutKey", "epoch", "arch"}) {
        if (inside == known) return {};
    }
    constexpr std::string_view variable = ".Environment.";
    constexpr std::string_view function = "checksum";
    if (inside.starts_with(function)) {
        const std::string_view file = trimmed(inside.substr(function.size()));
        const bool is_quoted =
            file.size() > 2 && (file.front() == '"' || file.front() == '`') && file.back() == file.front();
        return is_quoted ? "" : "`checksum` wants a file in double quotes";
    }
    const std::string_view name = inside.starts_with(variable) ? inside.substr(variable.size()) : std::string_view();
    if (!name.empty() && name.find_first_of(" \t.|()\"") == std::string_view::npos) return {};
    return "a cache's key knows no '" + clipped(inside, 60) + "'";
}

// Such a step would fail when its turn comes, and a cache that cannot be restored fails no job: nobody would see it.
void check_cache_key(Context& context, Value key) {
    if (!key.is(NodeKind::scalar)) return;
    const std::string_view text = key->text;
    if (text.empty()) {
        context.warn({.code = Code::bad_value,
                      .at = key,
                      .message = "every key begins with an empty one: any cache of the project may be restored",
                      .expected = "the beginning of the keys of this job's caches"});
    }
    // As the agent reads it: behind what is open nothing else begins.
    std::size_t close = 0;
    std::set<std::string_view> told;  // what is wrong twice in a key is wrong for the same reason
    for (auto open = text.find("{{"); open != std::string_view::npos && close != std::string_view::npos;
         open = text.find("{{", std::min(close, text.size()))) {
        close = text.find("}}", open);
        const std::string_view whole = text.substr(open, close == std::string_view::npos ? close : close + 2 - open);
        const bool is_closed = close != std::string_view::npos;
        const std::string_view inside = is_closed ? trimmed(whole.substr(2, whole.size() - 4)) : std::string_view();
        if (context.has_warned_enough()) return;
        if (!told.insert(inside).second) continue;
        const std::string wrong = is_closed ? wrong_in_key(inside) : "'{{' is not closed by '}}'";
        if (wrong.empty()) continue;
        const std::string meant =
            nearest(inside.substr(0, inside.find_first_of(" \t")),
                    {".Branch", ".BuildNum", ".Revision", ".CheckoutKey", ".Environment", "checksum", "epoch", "arch"});
        context.warn({.code = Code::bad_value,
                      .at = context.part_of(key, whole),
                      .message = wrong,
                      .expected = !is_closed || meant == "checksum" ? "{{ checksum \"file\" }}, or {{ .Branch }}"
                                                                    : "one of " + std::string(key_values),
                      .suggestion = is_closed && !inside.starts_with("checksum") ? meant : ""});
    }
}

Step read_save_cache(Context& context, const Fields& fields) {
    auto step = with_common<SaveCacheStep>(context, fields);
    step.key = fields.text("key");
    if (!step.key.empty()) check_cache_key(context, fields.get("key"));
    step.paths = fields.texts("paths");
    check_not_empty(context, fields, "key");
    check_not_empty(context, fields, "paths");
    return step;
}

Step read_restore_cache(Context& context, const Fields& fields, Value at) {
    auto step = with_common<RestoreCacheStep>(context, fields);
    if (fields.has("key")) step.keys.push_back(fields.text("key"));
    for (std::string& key : fields.texts("keys")) step.keys.push_back(std::move(key));
    check_cache_key(context, fields.get("key"));
    check_cache_key(context, fields.get("keys"));
    bool lacks_some = false;
    for (const Value key : context.items(fields.get("keys"))) {
        if (lacks_value(context, key, "one of 'keys'", "it is left out")) {
            lacks_some = true;
        } else {
            check_cache_key(context, key);
        }
    }
    if (lacks_some) std::erase(step.keys, "");
    if (!fields.mentions("key") && !fields.mentions("keys")) {
        context.report({.code = Code::missing_key, .at = at, .message = "restore_cache needs 'key' or 'keys'"});
    }
    check_not_empty(context, fields, "key");
    check_not_empty(context, fields, "keys");
    return step;
}

Step read_persist(Context& context, const Fields& fields) {
    auto step = with_common<PersistToWorkspaceStep>(context, fields);
    step.root = fields.text("root");
    step.paths = fields.texts("paths");
    check_not_empty(context, fields, "root");
    check_not_empty(context, fields, "paths");
    return step;
}

Step read_attach(Context& context, const Fields& fields) {
    auto step = with_common<AttachWorkspaceStep>(context, fields);
    step.at = fields.text("at");
    check_not_empty(context, fields, "at");
    return step;
}

Step read_store_artifacts(Context& context, const Fields& fields) {
    auto step = with_common<StoreArtifactsStep>(context, fields);
    step.path = fields.text("path");
    step.destination = fields.text("destination");
    check_not_empty(context, fields, "path");
    return step;
}

Step read_add_ssh_keys(Context& context, const Fields& fields) {
    auto step = with_common<AddSshKeysStep>(context, fields);
    step.fingerprints = fields.texts("fingerprints");
    return step;
}

Step read_setup_remote_docker(Context& context, const Fields& fields) {
    auto step = with_common<SetupRemoteDockerStep>(context, fields);
    step.version = fields.text("version");
    step.docker_layer_caching = fields.flag("docker_layer_caching");
    return step;
}

Step read_store_test_results(Context& context, const Fields& fields) {
    auto step = with_common<StoreTestResultsStep>(context, fields);
    step.path = fields.text("path");
    check_not_empty(context, fields, "path");
    return step;
}

// A text that is needed, or all texts of a list that is.
bool lacks_value(Context& context, const StepSpec& spec, const Fields& fields) {
    return std::any_of(spec.attributes.keys.begin(), spec.attributes.keys.end(), [&](const KeySpec& key) {
        const bool is_key = spec.kind == StepKind::restore_cache && (key.name == "key" || key.name == "keys");
        if (!key.required && !is_key) return false;
        const Value given = fields.get(key.name);
        const std::string what = "'" + std::string(key.name) + "'";
        if (!given.is(NodeKind::sequence)) return config::lacks_value(context, given, what);
        const auto items = context.items(given);
        return !items.empty() && std::all_of(items.begin(), items.end(), is_absent) &&
               config::lacks_value(context, items.front(), what);
    });
}

}  // namespace

std::optional<Step> read_file_step(Context& context, const StepSpec& spec, Value at, Value attributes) {
    const Fields fields(context, attributes, spec.attributes, at);
    if (lacks_value(context, spec, fields)) return std::nullopt;
    switch (spec.kind) {
        case StepKind::checkout:
            return read_checkout(context, fields);
        case StepKind::save_cache:
            return read_save_cache(context, fields);
        case StepKind::restore_cache:
            return read_restore_cache(context, fields, at);
        case StepKind::persist_to_workspace:
            return read_persist(context, fields);
        case StepKind::attach_workspace:
            return read_attach(context, fields);
        case StepKind::store_artifacts:
            return read_store_artifacts(context, fields);
        case StepKind::store_test_results:
            return read_store_test_results(context, fields);
        case StepKind::add_ssh_keys:
            return read_add_ssh_keys(context, fields);
        case StepKind::setup_remote_docker:
            return read_setup_remote_docker(context, fields);
        case StepKind::run:
        case StepKind::deploy:
        case StepKind::when:
        case StepKind::unless:
        case StepKind::steps:
            break;  // read elsewhere
    }
    return std::nullopt;
}

}  // namespace gyre::config
