#include "intake/push.h"

#include "base/log.h"
#include "base/random.h"
#include "intake/trail.h"
#include "model/host_keys.h"

namespace gyre::intake {
namespace {

constexpr std::string_view branch_prefix = "refs/heads/";
constexpr std::string_view tag_prefix = "refs/tags/";
constexpr int most_tries = 20;  // at deciding, while other news of the project comes in between

using Refs = std::map<std::string, std::string>;

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

bool makes_pipelines(const std::string& ref) {
    Trigger named;
    return name_ref(named, ref);
}

Result<std::string> default_branch(const Refs& refs, const std::string& otherwise) {
    const auto head = refs.find("HEAD");
    if (head != refs.end() && head->second.starts_with("ref: refs/heads/")) return head->second.substr(16);
    if (!otherwise.empty()) return otherwise;
    return not_found("the remote does not say which branch is its default; name one with --branch");
}

// A refusal is none of the caller's, who may well ask again once the remote knows the key.
Result<Refs> refs_of(const PushPorts& ports, const Project& project) {
    auto refs = ports.git.list_refs(project);
    if (!refs && refs.error().fault == Fault::denied && is_of_another_host(refs.error().message))
        return unavailable("the remote's host key is not known here, or is not the one that it was (" +
                           refs.error().message + "): a project without a checkout key believes hosts of known_hosts " +
                           "only ('gyre keys checkout add " + project.slug +
                           "'); a key that was changed is taken out "
                           "of git/seen_hosts in the server's data_dir, and where nobody changed it somebody may "
                           "stand in between");
    if (!refs && refs.error().fault == Fault::denied)
        return unavailable("the remote lets nobody in (" + refs.error().message +
                           "): give it the project's checkout key ('gyre keys checkout list " + project.slug + "')");
    return refs;
}

Refs pushable(Refs refs) {
    std::erase_if(refs, [](const auto& ref) { return !makes_pipelines(ref.first); });
    return refs;
}

std::string trigger_id(const StoredPush& push) {
    return "push:" + push.project.text + ":" + std::to_string(push.number);
}

// Notes that the push is at work as long as it lives.
class AtWork {
public:
    AtWork(PushesAtWork& all, const StoredPush& push) : all_(all), id_(trigger_id(push)) {
        first_ = all_.lock()->insert(id_).second;
    }
    ~AtWork() {
        if (first_) all_.lock()->erase(id_);
    }
    AtWork(const AtWork&) = delete;
    AtWork& operator=(const AtWork&) = delete;
    bool is_first() const { return first_; }

private:
    PushesAtWork& all_;
    std::string id_;
    bool first_;
};

// Unless the branch has come back meanwhile: then its new pipeline decides.
Result<void> forget_schedules(const PushPorts& ports, const StoredPush& push) {
    if (!push.ref.starts_with(branch_prefix)) return {};
    GYRE_TRY_ASSIGN(const RefTrail trail, ports.pushes.trail(push.project, push.ref, ""));
    if (!trail.revision.empty()) return {};
    return ports.schedules.forget_branch(push.project, push.ref.substr(branch_prefix.size()));
}

Result<PipelineId> make_pipeline(const PushPorts& ports, const Project& project, const StoredPush& push) {
    if (!push.open) return push.pipeline;
    if (push.after.empty()) {
        GYRE_TRY(forget_schedules(ports, push));
        GYRE_TRY(ports.pushes.close(push.project, push.number, {}, "the ref was deleted"));
        return PipelineId{};
    }
    Trigger trigger{.id = {trigger_id(push)},
                    .project = project.id,
                    .kind = TriggerKind::webhook,
                    .actor = push.actor,
                    .revision = push.after,
                    .received_at = push.received_at,
                    .base_revision = push.before};
    name_ref(trigger, push.ref);
    if (push.ref.find('\\') != std::string::npos)
        log::warn("intake", "{}: the name {} is not UTF-8; its pipeline runs nothing and says so", project.slug,
                  push.ref);
    GYRE_TRY_ASSIGN(PipelineId pipeline, ports.front_door.trigger(trigger));
    GYRE_TRY(ports.pushes.close(push.project, push.number, pipeline, ""));
    return pipeline;
}

// Stores what the news means, decided anew as long as other news comes in between.
struct Stored {
    StoredPush push;
    bool out_of_turn = false;
};
Result<Stored> store_announced(const PushPorts& ports, const StoredPush& news) {
    for (int tries = 0; tries < most_tries; ++tries) {
        GYRE_TRY_ASSIGN(const std::int64_t newest, ports.pushes.newest(news.project));
        GYRE_TRY_ASSIGN(const RefTrail trail, ports.pushes.trail(news.project, news.ref, news.delivery));
        const Decision decision = decide_announced(trail, news, newest);
        if (!decision.change) return Stored{*decision.known};
        GYRE_TRY_ASSIGN(const bool done, ports.pushes.commit(*decision.change));
        if (!done) continue;
        Stored stored{decision.known.value_or(decision.change->pushes.front()), decision.out_of_turn};
        if (stored.push.number == 0) stored.push.number = newest + 1;
        return stored;
    }
    return unavailable("too many pushes come at once; announce it again");
}

// False when other news came in between: look again.
Result<bool> store_found(const PushPorts& ports, const Project& project, std::int64_t& newest, const std::string& ref,
                         const std::string& revision) {
    GYRE_TRY_ASSIGN(const RefTrail trail, ports.pushes.trail(project.id, ref, ""));
    if (trail.revision == revision) return true;
    StoredPush found{.project = project.id, .ref = ref, .after = revision, .actor = "poll"};
    found.received_at = ports.clock.now();
    const Decision decision = decide_found(trail, std::move(found), newest);
    GYRE_TRY_ASSIGN(const bool done, ports.pushes.commit(*decision.change));
    if (done && decision.change->pushes.back().number == 0) ++newest;
    return done;
}

// Of a project that was added before its remote could be read.
Result<void> know_default_branch(const PushPorts& ports, const Project& project, const Refs& refs) {
    GYRE_TRY_ASSIGN(const std::string branch, default_branch(refs, project.default_branch));
    if (branch != project.default_branch) GYRE_TRY(ports.projects.change(project.id, {.default_branch = branch}));
    return {};
}

// Compares and stores; answers the remote's refs, or nothing when other news came in between.
Result<std::optional<Refs>> compare(const PushPorts& ports, const Project& project) {
    GYRE_TRY_ASSIGN(std::int64_t newest, ports.pushes.newest(project.id));  // before the look: older news is no news
    GYRE_TRY_ASSIGN(const auto seen, ports.pushes.seen_refs(project.id));
    GYRE_TRY_ASSIGN(const Refs all, refs_of(ports, project));
    Refs refs = pushable(all);
    if (!seen) {
        GYRE_TRY(know_default_branch(ports, project, all));
        GYRE_TRY(ports.pushes.remember_refs(project.id, refs));
        return std::optional(std::move(refs));
    }
    Refs moved;
    for (const auto& [ref, revision] : *seen) {
        if (!refs.contains(ref)) moved[ref] = "";
    }
    for (const auto& [ref, revision] : refs) {
        const auto before = seen->find(ref);
        if (before == seen->end() || before->second != revision) moved[ref] = revision;
    }
    for (const auto& [ref, revision] : moved) {
        GYRE_TRY_ASSIGN(const bool done, store_found(ports, project, newest, ref, revision));
        if (!done) return std::optional<Refs>();
    }
    return std::optional(std::move(refs));
}

Result<void> make_open_pipelines(const PushPorts& ports, const Project& project, const Refs& refs) {
    GYRE_TRY_ASSIGN(const auto open, ports.pushes.open(project.id));
    Result<void> first_failure;
    for (const auto& push : open) {
        const AtWork at_work(ports.at_work, push);
        if (!at_work.is_first()) continue;
        const auto made = make_pipeline(ports, project, push);
        if (made) continue;
        if (refs.contains(push.ref)) {
            if (first_failure) first_failure = made.error();
            continue;
        }
        log::warn("intake", "{}: no pipeline for {} at {}: {}", project.slug, push.ref, push.after,
                  made.error().message);
        GYRE_TRY(ports.pushes.close(push.project, push.number, {}, made.error().message));
    }
    return first_failure;
}

Result<void> added_once(Result<void> added, const Project& project) {
    if (!added && added.error().fault == Fault::conflict)
        return conflict("There is a project " + project.slug + " already.");
    return added;
}

// Its first look comes later, as that at any project whose refs nobody has seen.
Result<AddedProject> add_unread(const PushPorts& ports, Project project, std::string refusal) {
    project.default_branch = "main";
    GYRE_TRY(added_once(ports.projects.add(project), project));
    return AddedProject{std::move(project), false, std::move(refusal)};
}

}  // namespace

Result<Received> receive_push(const PushPorts& ports, const Project& project, const Push& push) {
    if (!is_none(push.after) && !is_revision(push.after))
        return invalid("'after' must be the commit's 40 hexadecimal digits");
    if (!is_none(push.before) && !is_revision(push.before))
        return invalid("'before' must be a commit's 40 hexadecimal digits, or zeros");
    if (!makes_pipelines(push.ref)) return Received{};
    StoredPush news{.project = project.id, .ref = push.ref};
    news.before = is_none(push.before) ? "" : push.before;
    news.after = is_none(push.after) ? "" : push.after;
    news.actor = push.actor;
    news.announced = true;
    news.delivery = push.delivery;
    news.received_at = ports.clock.now();
    GYRE_TRY_ASSIGN(const Stored stored, store_announced(ports, news));
    const AtWork at_work(ports.at_work, stored.push);
    GYRE_TRY_ASSIGN(PipelineId pipeline, make_pipeline(ports, project, stored.push));
    return Received{std::move(pipeline), stored.out_of_turn};
}

Result<void> look_at(const PushPorts& ports, const Project& project) {
    for (int tries = 0; tries < most_tries; ++tries) {
        GYRE_TRY_ASSIGN(const auto refs, compare(ports, project));
        if (refs) return make_open_pipelines(ports, project, *refs);
    }
    return unavailable("its refs move too often to be compared");
}

Result<AddedProject> add_project(const PushPorts& ports, Project project, FirstLook look) {
    if (look == FirstLook::later) return add_unread(ports, std::move(project), "");
    const auto refs = ports.git.list_refs(project);
    if (!refs && refs.error().fault == Fault::denied)
        return add_unread(ports, std::move(project), refs.error().message);
    if (!refs) return invalid("the remote cannot be read: " + refs.error().message);
    GYRE_TRY_ASSIGN(project.default_branch, default_branch(*refs, "main"));
    GYRE_TRY(added_once(ports.projects.add_with_refs(project, pushable(*refs)), project));
    return AddedProject{std::move(project), true, ""};
}

Result<PipelineId> receive_request(const PushPorts& ports, const Project& project, const Ask& ask) {
    GYRE_TRY_ASSIGN(const auto refs, refs_of(ports, project));
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
                    .received_at = ports.clock.now(),
                    .parameters = ask.parameters,
                    .parameter_texts = ask.parameter_texts};
    name_ref(trigger, ref);
    return ports.front_door.trigger(trigger);
}

}  // namespace gyre::intake
