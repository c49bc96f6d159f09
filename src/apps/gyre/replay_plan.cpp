#include "apps/gyre/replay_plan.h"

#include <algorithm>
#include <charconv>
#include <variant>

namespace gyre::apps {
namespace {

bool fills(const Step& step) {
    if (const auto* run = std::get_if<RunStep>(&step)) return run->background;
    return std::holds_alternative<CheckoutStep>(step) || std::holds_alternative<RestoreCacheStep>(step) ||
           std::holds_alternative<AttachWorkspaceStep>(step) || std::holds_alternative<AddSshKeysStep>(step) ||
           std::holds_alternative<SetupRemoteDockerStep>(step);
}

std::string list_of(const std::vector<Step>& steps) {
    std::string list;
    for (std::size_t i = 0; i < steps.size(); ++i) {
        const std::string& name = name_of(steps[i]);
        list += "\n  " + std::to_string(first_step + static_cast<int>(i)) + "  " + name.substr(0, name.find('\n'));
    }
    return list;
}

// Its position.
Result<std::size_t> find_step(const std::vector<Step>& steps, const std::string& wanted) {
    int number = 0;
    const auto [end, failed] = std::from_chars(wanted.data(), wanted.data() + wanted.size(), number);
    const bool is_number = failed == std::errc{} && end == wanted.data() + wanted.size();
    const std::int64_t at = std::int64_t{number} - first_step;
    if (is_number && at >= 0 && at < std::ssize(steps)) return static_cast<std::size_t>(at);
    const auto named = [&](const Step& step) { return name_of(step) == wanted; };
    const auto found = std::find_if(steps.begin(), steps.end(), named);
    if (found == steps.end()) return invalid("the job has no step '" + wanted + "'; it has:" + list_of(steps));
    if (std::any_of(found + 1, steps.end(), named))
        return invalid("several steps are called '" + wanted + "': give the number of one:" + list_of(steps));
    return static_cast<std::size_t>(found - steps.begin());
}

Result<std::vector<int>> left_out(const JobManifest& manifest, const ReplayWish& wish) {
    const auto& steps = manifest.job.steps;
    std::size_t from = 0;
    if (!wish.from.empty()) {
        GYRE_TRY_ASSIGN(from, find_step(steps, wish.from));
    }
    std::vector<int> positions;
    for (std::size_t i = 0; i < steps.size(); ++i) {
        const auto* run = std::get_if<RunStep>(&steps[i]);
        const bool of_another_task = run && run->deploy && manifest.attempt.task != 0;
        const bool before = i < from && !fills(steps[i]);
        const bool behind = i >= from && wish.shell && !wish.from.empty();
        if (of_another_task || before || behind) positions.push_back(static_cast<int>(i));
    }
    return positions;
}

void pin_images(const JobManifest& manifest, JobSpec& job) {
    auto* docker = std::get_if<DockerExecutor>(&job.executor);
    if (!docker || docker->containers.size() != manifest.images.size()) return;
    for (std::size_t i = 0; i < manifest.images.size(); ++i) {
        auto& image = docker->containers[i].image;
        image = pinned_image(image, manifest.images[i].digest);
    }
}

// Nobody has it to give: it was the server's word for that one job.
bool vouches_for_a_job(const std::string& name) {
    return name == "CIRCLE_OIDC_TOKEN" || name == "CIRCLE_OIDC_TOKEN_V2";
}

Result<void> add_secrets(const JobManifest& manifest, const ReplayWish& wish, ReplayPlan& plan) {
    for (const auto& [name, value] : wish.secrets) {
        if (std::ranges::find(manifest.secrets, name) == manifest.secrets.end())
            return invalid("the job had no secret " + name + ": `gyre jobs manifest` lists those that it had");
    }
    for (const auto& name : manifest.secrets) {
        const auto given = wish.secrets.find(name);
        if (given != wish.secrets.end())
            plan.secrets.push_back({name, given->second});
        else if (!vouches_for_a_job(name))
            plan.missing.push_back(name);
    }
    return {};
}

}  // namespace

std::string pinned_image(const std::string& reference, const std::string& digest) {
    if (digest.empty()) return reference;
    std::string name = reference.substr(0, reference.find('@'));
    const auto colon = name.rfind(':');
    const auto slash = name.rfind('/');
    if (colon != std::string::npos && (slash == std::string::npos || colon > slash)) name.resize(colon);
    return name + "@" + digest;
}

Result<ReplayPlan> plan_replay(const JobManifest& manifest, const ReplayWish& wish) {
    if (manifest.incomplete)
        return invalid("the job is too large for a whole manifest, and so cannot be run again here");
    ReplayPlan plan{.job = manifest.job, .secrets = {}, .missing = {}, .replay = {}};
    if (!wish.by_tag) pin_images(manifest, plan.job);
    GYRE_TRY(add_secrets(manifest, wish, plan));
    GYRE_TRY_ASSIGN(plan.replay.left_out, left_out(manifest, wish));
    plan.replay.caches = manifest.caches;
    plan.replay.workspaces = manifest.workspaces;
    for (const auto& name : plan.missing)
        plan.replay.notes.push_back("Not as it was: the secret " + name + " is not here; give --secret " + name +
                                    ", from your environment, or --secret " + name + "=@FILE");
    if (manifest.masked)
        plan.replay.notes.emplace_back(
            "Not as it was: the value of a secret stood in the job's own texts, and ****, or nothing, stands there "
            "now");
    return plan;
}

void apply_replay(const JobManifest& manifest, const ReplayPlan& plan, wire::Assignment& assignment) {
    assignment.job = plan.job;
    assignment.job_name = manifest.job_name;
    assignment.task_total = manifest.task_total;
    assignment.build_number = manifest.build_number;
    assignment.built_in = manifest.built_in;
    assignment.secrets = plan.secrets;
    assignment.resources = manifest.resources;
    assignment.source.project_slug = manifest.project_slug;
    assignment.source.branch = manifest.branch;
    assignment.source.tag = manifest.tag;
    assignment.source.revision = manifest.revision;
    assignment.replay = plan.replay;
}

}  // namespace gyre::apps
