#include <fmt/format.h>

#include <functional>

#include "agent/packed_tree.h"
#include "agent/steps/layer_files.h"
#include "agent/steps/steps.h"

namespace gyre::agent {
namespace {

Result<void> persist(const PersistToWorkspaceStep& step, Job& job, StepOutput& output) {
    std::vector<std::string> arguments{"pack", "--root", job.path(step.root), "--glob", "--must-match", "--"};
    arguments.insert(arguments.end(), step.paths.begin(), step.paths.end());
    GYRE_TRY_ASSIGN(const SentTree sent, send_tree(job, std::move(arguments)));
    if (!sent.complaints.empty()) output.say(sent.complaints);
    const WorkspaceLayer layer{
        .task = job.assignment.attempt.task, .sequence = job.layers, .blob = sent.blob, .size = sent.stored};
    GYRE_TRY(keep_trying(job.gateway, TryUntil::stopping, [&] { return job.gateway.add_layer(layer); }));
    ++job.layers;
    output.say(fmt::format("Added a layer to the workspace ({})", size_text(sent.stored)));
    return {};
}

Result<void> attach(const WorkspaceLayer& layer, const std::string& at, Job& job, const TakeName& take) {
    std::vector<std::string> arguments{"unpack",
                                       "--root",
                                       at,
                                       "--max-bytes",
                                       std::to_string(job.limits().unpacked_bytes),
                                       "--max-entries",
                                       std::to_string(job.limits().entries)};
    const auto fetched = fetch_tree(job, layer.blob, std::move(arguments), Pace::any(), take);
    // A layer that is listed is there, so the server has lost what it keeps.
    if (!fetched && fetched.error().fault == Fault::not_found)
        return not_found(fmt::format("{}; rerun the workflow from its start, that job '{}' makes the layer anew",
                                     fetched.error().message, layer.job_name));
    return fetched;
}

Result<wire::Layers> layers_of(Job& job) {
    if (job.assignment.replay) {
        for (const auto& then : job.assignment.replay->workspaces) {
            if (then.step == job.step) return wire::Layers{then.layers, then.jobs};
        }
    }
    return keep_trying(job.gateway, TryUntil::stopping, [&] { return job.gateway.workspace(); });
}

}  // namespace

StepEnd carry_out(const PersistToWorkspaceStep& step, Job& job, const Output& output) {
    const auto persisted = persist(step, job, *output);
    if (!persisted) return failed_by(persisted.error().during("persist_to_workspace"), job, *output);
    return {};
}

StepEnd carry_out(const AttachWorkspaceStep& step, Job& job, const Output& output) {
    const auto layers = layers_of(job);
    if (!layers) return failed_by(layers.error().during("attach_workspace"), job, *output);
    job.workspaces.push_back({.step = job.step, .layers = layers->layers, .jobs = layers->jobs});
    if (layers->layers.empty())
        output->say("The workspace is empty: no job that this one requires has persisted anything");
    const std::string at = job.path(step.at);
    LayerFiles files(*layers);
    for (std::size_t place = 0; place < layers->layers.size(); ++place) {
        const auto& layer = layers->layers[place];
        const TakeName take = [&](std::string_view file) { return files.add(place, file); };
        output->say(fmt::format("Attaching the layer of job '{}' ({})", layer.job_name, size_text(layer.size)));
        const auto attached = attach(layer, at, job, files.matters(place) ? take : TakeName{});
        if (attached) continue;
        // What is lost is so for the next attempt, too; what came damaged may be whole the next time.
        const bool lost = attached.error().fault == Fault::not_found;
        StepEnd end = failed_by(
            (lost ? corrupt(attached.error().message) : attached.error()).during("attach_workspace"), job, *output);
        end.retryable = !lost;
        return end;
    }
    return {};
}

}  // namespace gyre::agent
