#include "conductor/pipeline_maker.h"

#include "base/derived_uuid.h"
#include "base/utf8.h"
#include "conductor/selection.h"
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

void compile_into(Pipeline& pipeline) {
    config::CompileInput input;
    input.file = ".circleci/config.yml";
    input.branch = pipeline.trigger.branch;
    input.tag = pipeline.trigger.tag;
    auto compiled = config::compile(pipeline.config_source, input);
    if (compiled.plan) {
        const auto selected = select(*compiled.plan, pipeline.trigger.only_workflow, pipeline.trigger.only_job);
        if (!selected) return fail(pipeline, "other", selected.error().message);
        pipeline.plan = std::move(*compiled.plan);
        return;
    }
    for (const auto& diagnostic : compiled.diagnostics) {
        if (diagnostic.severity == config::Severity::error) {
            fail(pipeline, "config", config::render_text(diagnostic));
        }
    }
}

}  // namespace

Result<Pipeline> make_pipeline(const Trigger& trigger, const Project& project, GitRemote& git, Timestamp now) {
    Pipeline pipeline;
    pipeline.id.text = derived_uuid(trigger.id.text);
    pipeline.project = project.id;
    pipeline.trigger = trigger;
    pipeline.created_at = now;
    pipeline.updated_at = now;
    auto files = git.read_config(project.remote, ref_of(trigger), trigger.revision);
    // A remote that does not answer now says nothing about the config: the trigger is not taken, and may come again.
    if (!files && files.error().fault == Fault::unavailable) return files.error();
    if (!files) {
        fail(pipeline, "config-fetch", files.error().message);
        return pipeline;
    }
    pipeline.trigger.commit = std::move(files->commit);
    pipeline.config_source = std::move(files->config);
    compile_into(pipeline);
    pipeline.config_source = valid_utf8(pipeline.config_source);
    return pipeline;
}

}  // namespace gyre::conductor
