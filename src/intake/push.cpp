#include "intake/push.h"

#include "base/random.h"

namespace gyre::intake {
namespace {

// Stands at the pseudo-ref "" once a project was looked at for the first time.
constexpr const char* looked_at = "looked-at";
constexpr std::string_view branch_prefix = "refs/heads/";
constexpr std::string_view tag_prefix = "refs/tags/";

bool is_revision(const std::string& text) {
    return text.size() == 40 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

bool is_none(const std::string& revision) { return revision.find_first_not_of('0') == std::string::npos; }

// Sets branch or tag from the ref; false for refs that never make pipelines (notes, pull requests of a forge, ...).
bool name_ref(Trigger& trigger, const std::string& ref) {
    if (ref.starts_with(branch_prefix)) trigger.branch = ref.substr(branch_prefix.size());
    if (ref.starts_with(tag_prefix)) trigger.tag = ref.substr(tag_prefix.size());
    return !trigger.branch.empty() || !trigger.tag.empty();
}

Result<std::string> default_branch(const std::map<std::string, std::string>& refs, const std::string& otherwise) {
    const auto head = refs.find("HEAD");
    if (head != refs.end() && head->second.starts_with("ref: refs/heads/")) return head->second.substr(16);
    if (!otherwise.empty()) return otherwise;
    return not_found("the remote does not say which branch is its default; name one with --branch");
}

}  // namespace

Result<PipelineId> receive_push(const PushPorts& ports, const Project& project, const Push& push) {
    if (is_none(push.after)) return PipelineId{};
    if (!is_revision(push.after)) return invalid("'after' must be the commit's 40 hexadecimal digits");
    Trigger trigger{.project = project.id,
                    .kind = TriggerKind::webhook,
                    .actor = push.actor,
                    .revision = push.after,
                    .received_at = ports.clock.now()};
    if (!name_ref(trigger, push.ref)) return PipelineId{};
    trigger.id.text = "push:" + project.id.text + ":" + push.ref + ":" + (is_none(push.before) ? "" : push.before) +
                      ".." + push.after;
    GYRE_TRY_ASSIGN(PipelineId pipeline, ports.front_door.trigger(trigger));
    GYRE_TRY(ports.projects.set_seen_revision(project.id, push.ref, push.after));
    return pipeline;
}

Result<Project> add_project(const PushPorts& ports, Project project) {
    const auto refs = ports.git.list_refs(project.remote);
    if (!refs) return invalid("the remote cannot be read: " + refs.error().message);
    GYRE_TRY_ASSIGN(project.default_branch, default_branch(*refs, "main"));
    const auto added = ports.projects.add(project);
    if (!added && added.error().fault == Fault::conflict)
        return conflict("There is a project " + project.slug + " already.");
    if (!added) return added.error();
    GYRE_TRY(remember_refs(ports, project, *refs));
    return project;
}

Result<void> remember_refs(const PushPorts& ports, const Project& project,
                           const std::map<std::string, std::string>& refs) {
    for (const auto& [ref, revision] : refs) {
        if (ref != "HEAD") GYRE_TRY(ports.projects.set_seen_revision(project.id, ref, revision));
    }
    return ports.projects.set_seen_revision(project.id, "", looked_at);
}

Result<bool> knows_refs(const PushPorts& ports, const Project& project) {
    GYRE_TRY_ASSIGN(const std::string seen, ports.projects.seen_revision(project.id, ""));
    return seen == looked_at;
}

Result<PipelineId> receive_request(const PushPorts& ports, const Project& project, const Ask& ask) {
    GYRE_TRY_ASSIGN(const auto refs, ports.git.list_refs(project.remote));
    std::string ref = std::string(tag_prefix) + ask.tag;
    if (ask.tag.empty()) {
        std::string branch = ask.branch;
        if (branch.empty()) {
            GYRE_TRY_ASSIGN(branch, default_branch(refs, project.default_branch));
        }
        ref = std::string(branch_prefix) + branch;
    }
    const auto found = refs.find(ref);
    if (found == refs.end()) return not_found("the remote of " + project.slug + " has no " + ref);
    Trigger trigger{.id = {"ask:" + random_uuid()},
                    .project = project.id,
                    .kind = ask.kind,
                    .actor = ask.actor,
                    .revision = found->second,
                    .received_at = ports.clock.now()};
    name_ref(trigger, ref);
    return ports.front_door.trigger(trigger);
}

}  // namespace gyre::intake
