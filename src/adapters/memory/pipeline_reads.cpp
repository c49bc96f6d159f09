#include "adapters/memory/pipeline_reads.h"

#include <algorithm>
#include <ranges>

namespace gyre::memory {
namespace {

// A build that ran or will run under its own number.
bool is_build(const WorkflowJob& job) { return job.number > 0 && !job.kept_from; }

bool is_on_branch(const State& state, const Workflow& workflow, const std::string& branch) {
    if (branch.empty()) return true;
    const auto* pipeline = state.find_pipeline(workflow.pipeline);
    return pipeline && pipeline->trigger.branch == branch;
}

}  // namespace

Result<std::vector<ListedPipeline>> MemoryPipelineReads::pipelines(const PipelineQuery& query) {
    return trouble_.around("pipeline_reads.pipelines", [&]() -> Result<std::vector<ListedPipeline>> {
        std::vector<ListedPipeline> page;
        auto state = state_.lock();
        for (auto position = std::ssize(state->pipelines); position >= 1 && std::ssize(page) < query.limit;
             --position) {
            const auto& pipeline = state->pipelines[static_cast<std::size_t>(position - 1)];
            if (query.before > 0 && position >= query.before) continue;
            if (query.project && pipeline.project != *query.project) continue;
            if (!query.branch.empty() && pipeline.trigger.branch != query.branch) continue;
            auto& listed = page.emplace_back(ListedPipeline{position, pipeline});
            listed.pipeline.plan = {};
            listed.pipeline.config_source.clear();
        }
        return page;
    });
}

Result<PipelineId> MemoryPipelineReads::pipeline_by_number(const ProjectId& project, std::int64_t number) {
    return trouble_.around("pipeline_reads.pipeline_by_number", [&]() -> Result<PipelineId> {
        auto state = state_.lock();
        for (const auto& pipeline : state->pipelines) {
            if (pipeline.project == project && pipeline.number == number) return pipeline.id;
        }
        return not_found("the project has no pipeline " + std::to_string(number));
    });
}

Result<std::vector<WorkflowId>> MemoryPipelineReads::workflows_of(const PipelineId& pipeline) {
    return trouble_.around("pipeline_reads.workflows_of", [&]() -> Result<std::vector<WorkflowId>> {
        std::vector<WorkflowId> ids;
        auto state = state_.lock();
        for (const auto& workflow : state->workflows) {
            if (workflow.pipeline == pipeline) ids.push_back(workflow.id);
        }
        return ids;
    });
}

Result<JobPlace> MemoryPipelineReads::job_by_number(const ProjectId& project, std::int64_t build_num) {
    return trouble_.around("pipeline_reads.job_by_number", [&]() -> Result<JobPlace> {
        auto state = state_.lock();
        for (const auto& workflow : state->workflows) {
            if (workflow.project != project) continue;
            for (std::size_t position = 0; position < workflow.jobs.size(); ++position) {
                const auto& job = workflow.jobs[position];
                if (is_build(job) && job.number == build_num) return JobPlace{workflow.pipeline, workflow.id, position};
            }
        }
        return not_found("the project has no job " + std::to_string(build_num));
    });
}

Result<std::vector<JobPlace>> MemoryPipelineReads::recent_jobs(const std::optional<ProjectId>& project,
                                                               const std::string& branch, int limit, int offset) {
    return trouble_.around("pipeline_reads.recent_jobs", [&]() -> Result<std::vector<JobPlace>> {
        std::vector<std::pair<std::int64_t, JobPlace>> builds;
        auto state = state_.lock();
        for (const auto& workflow : std::ranges::reverse_view(state->workflows)) {
            if (project && workflow.project != *project) continue;
            if (!is_on_branch(*state, workflow, branch)) continue;
            for (auto position = workflow.jobs.size(); position-- > 0;) {
                const auto& job = workflow.jobs[position];
                if (is_build(job)) builds.push_back({job.number, {workflow.pipeline, workflow.id, position}});
            }
        }
        const auto number = [](const auto& build) { return build.first; };
        if (project) std::ranges::stable_sort(builds, std::ranges::greater(), number);
        std::vector<JobPlace> page;
        for (auto i = std::max(offset, 0); i < std::ssize(builds) && std::ssize(page) < limit; ++i) {
            page.push_back(builds[static_cast<std::size_t>(i)].second);
        }
        return page;
    });
}

}  // namespace gyre::memory
