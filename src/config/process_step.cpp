#include <array>
#include <cstdio>

#include "config/process_parts.h"

namespace gyre::config {
namespace {

// "90s", "10m", "1.5s": so that reading it gives the same number of milliseconds.
std::string duration(std::int64_t milliseconds) {
    constexpr std::int64_t minute = 60'000;
    constexpr std::int64_t second = 1000;
    if (milliseconds % minute == 0) return std::to_string(milliseconds / minute) + "m";
    if (milliseconds % second == 0) return std::to_string(milliseconds / second) + "s";
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%lld.%03ds", static_cast<long long>(milliseconds / second),
                  static_cast<int>(milliseconds % second));
    return text.data();
}

template <typename Kind>
Yaml named(const Kind& step, const std::string& usual) {
    Yaml keys = Yaml::mapping();
    if (step.name != usual) keys.set("name", Yaml::of_text(step.name));
    return keys;
}

template <typename Kind>
Yaml& set_when(Yaml& keys, const Kind& step) {
    if (step.when != Kind().when) keys.set("when", Yaml::of_text(std::string(name_of(step.when))));
    return keys;
}

Yaml attributes(const RunStep& step) {
    Yaml keys = named(step, step.command);
    keys.set("command", Yaml::of_text(step.command));
    keys.set_unless_empty("shell", step.shell);
    if (!step.environment.empty()) keys.set("environment", yaml_of(step.environment));
    keys.set_unless_empty("working_directory", step.working_directory);
    if (step.background) keys.set("background", Yaml::of_word("true"));
    if (step.no_output_timeout_ms != RunStep().no_output_timeout_ms) {
        keys.set("no_output_timeout", Yaml::of_text(duration(step.no_output_timeout_ms)));
    }
    if (step.max_auto_reruns > 0) keys.set("max_auto_reruns", Yaml::of_word(std::to_string(step.max_auto_reruns)));
    if (step.auto_rerun_delay_ms > 0) keys.set("auto_rerun_delay", Yaml::of_text(duration(step.auto_rerun_delay_ms)));
    return set_when(keys, step);
}

Yaml attributes(const CheckoutStep& step) {
    Yaml keys = named(step, CheckoutStep().name);
    keys.set_unless_empty("path", step.path);
    if (step.method != CheckoutStep().method) keys.set("method", Yaml::of_text(std::string(name_of(step.method))));
    if (step.depth > 0) keys.set("depth", Yaml::of_word(std::to_string(step.depth)));
    return set_when(keys, step);
}

Yaml attributes(const SaveCacheStep& step) {
    Yaml keys = named(step, SaveCacheStep().name);
    keys.set("key", Yaml::of_text(step.key)).set("paths", Yaml::of_texts(step.paths));
    return set_when(keys, step);
}

Yaml attributes(const RestoreCacheStep& step) {
    Yaml keys = named(step, RestoreCacheStep().name);
    keys.set("keys", Yaml::of_texts(step.keys));
    return set_when(keys, step);
}

Yaml attributes(const PersistToWorkspaceStep& step) {
    Yaml keys = named(step, PersistToWorkspaceStep().name);
    keys.set("root", Yaml::of_text(step.root)).set("paths", Yaml::of_texts(step.paths));
    return set_when(keys, step);
}

Yaml attributes(const AttachWorkspaceStep& step) {
    Yaml keys = named(step, AttachWorkspaceStep().name);
    keys.set("at", Yaml::of_text(step.at));
    return set_when(keys, step);
}

Yaml attributes(const StoreArtifactsStep& step) {
    Yaml keys = named(step, StoreArtifactsStep().name);
    keys.set("path", Yaml::of_text(step.path)).set_unless_empty("destination", step.destination);
    return set_when(keys, step);
}

Yaml attributes(const StoreTestResultsStep& step) {
    Yaml keys = named(step, StoreTestResultsStep().name);
    keys.set("path", Yaml::of_text(step.path));
    return set_when(keys, step);
}

Yaml attributes(const AddSshKeysStep& step) {
    Yaml keys = named(step, AddSshKeysStep().name);
    if (!step.fingerprints.empty()) keys.set("fingerprints", Yaml::of_texts(step.fingerprints));
    return set_when(keys, step);
}

Yaml attributes(const SetupRemoteDockerStep& step) {
    Yaml keys = named(step, SetupRemoteDockerStep().name);
    keys.set_unless_empty("version", step.version);
    if (step.docker_layer_caching) keys.set("docker_layer_caching", Yaml::of_word("true"));
    return set_when(keys, step);
}

std::string key_of(const Step& step) {
    const auto* run = std::get_if<RunStep>(&step);
    if (run != nullptr && run->deploy) return "deploy";
    return std::visit([](const auto& kind) { return std::string(kind.kind); }, step);
}

}  // namespace

Yaml yaml_of(const Environment& environment) {
    Yaml mapping = Yaml::mapping();
    for (const EnvVar& one : environment) mapping.set(one.name, Yaml::of_text(one.value));
    return mapping;
}

Yaml yaml_of(const Step& step) {
    Yaml keys = std::visit([](const auto& kind) { return attributes(kind); }, step);
    if (keys.items.empty()) return Yaml::of_text(key_of(step));
    return Yaml::mapping().set(key_of(step), std::move(keys));
}

}  // namespace gyre::config
