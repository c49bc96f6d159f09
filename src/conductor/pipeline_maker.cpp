#include "conductor/pipeline_maker.h"

#include <algorithm>
#include <iterator>

#include "base/derived_uuid.h"
#include "base/log.h"
#include "base/utf8.h"
#include "conductor/compile_input.h"
#include "conductor/scheduling.h"
#include "conductor/selection.h"
#include "conductor/skip.h"
#include "config/compile.h"
#include "config/render.h"

namespace gyre::conductor {
namespace {

std::string ref_of(const Trigger& trigger) {
    return trigger.tag.empty() ? "refs/heads/" + trigger.branch : "refs/tags/" + trigger.tag;
}

void fail(Pipeline& pipeline, std::string type, std::string message) {
    pipeline.state = PipelineState::errored;
    pipeline.errors.push_back({std::move(type), std::move(message)});
}

// An orb that the pipeline has used already, as it was then: a newer version may have come since.
config::OrbSource same_again(const std::vector<UsedOrb>& used, const config::OrbSource& orbs) {
    if (used.empty() || !orbs) return orbs;
    return [&used, &orbs](config::OrbReference reference) {
        const auto is_this = [&](const UsedOrb& one) {
            return one.name == reference.name && one.asked == reference.version;
        };
        const auto before = std::find_if(used.begin(), used.end(), is_this);
        if (before != used.end()) reference.version = before->version;
        return orbs(reference);
    };
}

// Each once, however often it was imported.
void note_used(std::vector<UsedOrb>& used, const std::vector<config::ResolvedOrb>& resolved) {
    for (const config::ResolvedOrb& one : resolved) {
        UsedOrb orb{one.name, one.asked, one.version, one.sha256};
        if (std::find(used.begin(), used.end(), orb) == used.end()) used.push_back(std::move(orb));
    }
}

std::optional<config::CompileResult> compile_if_possible(Pipeline& pipeline, const std::string& source,
                                                         const config::CompileInput& input) {
    try {
        return config::compile(source, input);
    } catch (const std::exception& defect) {
        blame_ourselves(pipeline, defect);
        return std::nullopt;
    }
}

// Nothing when the pipeline has failed by it.
std::optional<Plan> compiled(Pipeline& pipeline, const Project& project, const std::string& source,
                             const config::OrbSource& orbs, std::optional<int> gpus) {
    config::CompileInput input = compile_input(pipeline, project);
    input.gpus = gpus;
    input.orbs = same_again(pipeline.plan.orbs, orbs);
    auto result = compile_if_possible(pipeline, source, input);
    if (!result) return std::nullopt;
    auto& compiled = *result;
    for (const auto& diagnostic : compiled.diagnostics) {
        if (diagnostic.severity == config::Severity::error) fail(pipeline, "config", config::render_text(diagnostic));
    }
    if (compiled.plan) compiled.plan->orbs = pipeline.plan.orbs;
    if (compiled.plan) note_used(compiled.plan->orbs, compiled.orbs);
    return std::move(compiled.plan);
}

void append(Plan& plan, Plan more) {
    const int first = static_cast<int>(plan.jobs.size());
    std::move(more.jobs.begin(), more.jobs.end(), std::back_inserter(plan.jobs));
    for (auto& workflow : more.workflows) {
        for (auto& job : workflow.jobs) job.spec += job.spec < 0 ? 0 : first;
        plan.workflows.push_back(std::move(workflow));
    }
    plan.orbs = std::move(more.orbs);  // those of both
    plan.schedules = std::move(more.schedules);
}

}  // namespace

Result<Pipeline> read_pipeline(const Trigger& trigger, const Project& project, GitRemote& git, Timestamp now) {
    Pipeline pipeline;
    pipeline.id.text = derived_uuid(trigger.id.text);
    pipeline.project = project.id;
    pipeline.trigger = trigger;
    pipeline.created_at = now;
    pipeline.updated_at = now;
    auto files = git.read_config(project, ref_of(trigger), trigger.revision);
    // A remote that does not answer now, or lets us in no more, says nothing about the config: the trigger is not
    // taken, and may come again.
    if (!files && files.error().fault == Fault::denied) return unavailable(files.error().message);
    if (!files && files.error().fault == Fault::unavailable) return files.error();
    if (!files) {
        fail(pipeline, "config-fetch", files.error().message);
        return pipeline;
    }
    pipeline.trigger.commit = std::move(files->commit);
    pipeline.config_source = std::move(files->config);
    return pipeline;
}

void compile_pipeline(Pipeline& pipeline, const Project& project, const config::OrbSource& orbs,
                      std::optional<int> gpus) {
    if (pipeline.state == PipelineState::errored) return;
    pipeline.note = why_skipped(pipeline.trigger);
    if (!pipeline.note.empty()) {
        pipeline.config_source = valid_utf8(pipeline.config_source);
        return;
    }
    auto plan = compiled(pipeline, project, pipeline.config_source, orbs, gpus);
    pipeline.config_source = valid_utf8(pipeline.config_source);
    if (!plan) return;
    if (pipeline.trigger.kind == TriggerKind::schedule) {
        keep_scheduled(pipeline, *plan);
    } else if (const auto selected = select(*plan, pipeline.trigger.only_workflow, pipeline.trigger.only_job);
               !selected) {
        return fail(pipeline, "other", selected.error().message);
    }
    pipeline.plan = std::move(*plan);
    if (pipeline.plan.setup && !pipeline.plan.workflows.empty()) pipeline.state = PipelineState::setup_pending;
}

void compile_continuation(Pipeline& pipeline, const Project& project, Continuation continuation,
                          const config::OrbSource& orbs, std::optional<int> gpus) {
    pipeline.updated_at = continuation.at;
    pipeline.continuation = std::move(continuation);
    pipeline.state = PipelineState::created;
    auto plan = compiled(pipeline, project, pipeline.continuation->config_source, orbs, gpus);
    if (!plan) return;
    keep_scheduled(pipeline, *plan);
    append(pipeline.plan, std::move(*plan));
}

void blame_ourselves(Pipeline& pipeline, const std::exception& defect) {
    log::error("conductor", "pipeline {}: {}", pipeline.id.text, defect.what());
    fail(pipeline, "other",
         std::string("a defect of Gyre, not of this config, stops it: ") + defect.what() + ". Please report it");
}

}  // namespace gyre::conductor
