#include "agent/manifest.h"

#include <sys/utsname.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "base/ascii.h"
#include "base/json.h"

namespace gyre::agent {
namespace {

using Mask = std::function<std::string(const std::string&)>;

// Members whose texts are ours, and not people's: a secret that looks like a part of a hash, or like the name of a
// kind, shall not make the manifest unreadable.
constexpr std::array<std::string_view, 9> never_masked{"blob", "created_at", "digest",   "id",  "job",
                                                       "kind", "method",     "revision", "when"};

std::string system_name() {
    utsname facts{};
    if (::uname(&facts) != 0) return {};
    return std::string(facts.sysname) + ' ' + facts.release + ' ' + facts.machine;
}

// Whether something was masked. The depth is that of JobManifest's description.
bool mask_all(json::value& value, const Mask& mask) {
    bool changed = false;
    if (auto* text = value.if_string()) {
        const std::string before(*text);
        const std::string after = mask(before);
        changed = after != before;
        if (changed) value = json::string(after);
    } else if (auto* array = value.if_array()) {
        for (auto& item : *array) changed = mask_all(item, mask) || changed;
    } else if (auto* object = value.if_object()) {
        for (auto& member : *object) {
            const std::string_view name(member.key());
            const bool ours = member.value().is_string() && std::ranges::count(never_masked, name) > 0;
            if (!ours) changed = mask_all(member.value(), mask) || changed;
        }
    }
    return changed;
}

// `$NAME` or `${NAME}`, and nothing else: what has a '$' somewhere may be the password itself.
bool names_a_variable(std::string_view text) {
    if (text.size() < 2 || text.front() != '$') return false;
    text.remove_prefix(1);
    if (text.front() == '{' && text.back() == '}') text = text.substr(1, text.size() - 2);
    const auto fits = [](char c) { return is_letter_or_digit(c) || c == '_'; };
    return !text.empty() && !is_digit(text.front()) && std::ranges::all_of(text, fits);
}

// What the config says instead of naming a variable.
bool hide_passwords(JobSpec& job) {
    bool hidden = false;
    if (auto* docker = std::get_if<DockerExecutor>(&job.executor)) {
        for (auto& container : docker->containers) {
            if (!container.auth || names_a_variable(container.auth->password)) continue;
            hidden = hidden || !container.auth->password.empty();
            container.auth->password.clear();
        }
    }
    return hidden;
}

std::string text_of(const JobManifest& manifest, bool hidden, const Mask& mask) {
    json::value value = to_json(manifest);
    const bool masked = mask_all(value, mask);
    value.get_object()["masked"] = masked || hidden;
    return json::serialize(value);
}

}  // namespace

JobManifest begin_manifest(const wire::Assignment& assignment) {
    JobManifest manifest;
    manifest.attempt = assignment.attempt;
    manifest.build_number = assignment.build_number;
    manifest.job_name = assignment.job_name;
    manifest.task_total = assignment.task_total;
    manifest.project_slug = assignment.source.project_slug;
    manifest.branch = assignment.source.branch;
    manifest.tag = assignment.source.tag;
    manifest.revision = assignment.source.revision;
    manifest.agent = GYRE_VERSION;
    manifest.system = system_name();
    manifest.job = assignment.job;
    manifest.built_in = assignment.built_in;
    for (const auto& secret : assignment.secrets) manifest.secrets.push_back(secret.name);
    manifest.resources = assignment.resources;
    manifest.job_ms = assignment.limits.job_ms;
    return manifest;
}

std::string manifest_text(JobManifest manifest, const Mask& masked) {
    const bool hidden = hide_passwords(manifest.job);
    std::string text = text_of(manifest, hidden, masked);
    if (text.size() <= largest_manifest) return text;
    manifest.incomplete = true;
    manifest.job.steps.clear();
    manifest.caches.clear();
    manifest.workspaces.clear();
    text = text_of(manifest, hidden, masked);
    return text.size() <= largest_manifest ? text : std::string();
}

}  // namespace gyre::agent
