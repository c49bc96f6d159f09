#include "gateway/assignment.h"

#include <algorithm>
#include <memory>
#include <set>

#include "gateway/recent_pipelines.h"
#include "model/contexts.h"
#include "model/continuation_key.h"
#include "model/host_keys.h"
#include "model/image_reference.h"
#include "model/subject_ids.h"

namespace gyre::gateway {
namespace {

// "gh/acme/shop" -> acme, shop; "git/shop" -> git, shop.
struct SlugParts {
    std::string organization;
    std::string repository;
};

SlugParts split_slug(const std::string& slug) {
    const auto last = slug.rfind('/');
    if (last == std::string::npos) return {slug, slug};
    const auto front = slug.substr(0, last);
    return {front.substr(front.rfind('/') + 1), slug.substr(last + 1)};
}

ExecutorKind kind_of(const JobSpec& spec) {
    return std::holds_alternative<MachineExecutor>(spec.executor) ? ExecutorKind::machine : ExecutorKind::docker;
}

Resources resources_of(const JobSpec& spec) {
    const auto found = find_resources(kind_of(spec), spec.resource_class);
    return found ? *found : *find_resources(kind_of(spec), "");
}

template <typename Wanted>
bool has_step(const JobSpec& spec) {
    return std::ranges::any_of(spec.steps, [](const Step& step) { return std::holds_alternative<Wanted>(step); });
}

// A name that says nothing of a registry is the agent's to refuse.
std::vector<std::string> registries_of(const JobSpec& spec) {
    std::set<std::string> registries;
    const auto* docker = std::get_if<DockerExecutor>(&spec.executor);
    if (docker == nullptr) return {};
    for (const auto& container : docker->containers) {
        if (container.auth) continue;
        if (const auto image = parse_image_reference(container.image)) registries.insert(image->registry);
    }
    return {registries.begin(), registries.end()};
}

Result<wire::Assignment> assemble(const AttemptRef& attempt, WorkflowStore& workflows, RecentPipelines& pipelines,
                                  ProjectStore& projects, const std::string& base_url,
                                  const std::string& continuation_secret, const SecretsSource& secrets) {
    GYRE_TRY_ASSIGN(const auto workflow, workflows.load_job(attempt.job));
    const WorkflowJob& job = workflow.jobs.front();
    const auto number = static_cast<std::size_t>(std::max(job.spec, 0));
    GYRE_TRY_ASSIGN(const auto found, pipelines.find(workflow.pipeline, number + 1));
    const Pipeline& pipeline = *found;
    GYRE_TRY_ASSIGN(const auto project, projects.by_id(workflow.project));
    if (job.spec < 0 || number >= pipeline.plan.jobs.size())
        return corrupt("the plan of the pipeline has no job number " + std::to_string(job.spec));
    const auto& spec = pipeline.plan.jobs[number];
    const auto& trigger = pipeline.trigger;
    wire::Assignment assignment;
    assignment.attempt = attempt;
    assignment.job = spec;
    assignment.job_name = job.name;
    assignment.task_total = static_cast<int>(std::max<std::size_t>(job.tasks.size(), 1));
    assignment.resources = resources_of(spec);
    assignment.source = {project.remote, project.slug, trigger.branch, trigger.tag, trigger.revision};
    assignment.built_in = built_in_environment(project, pipeline, workflow, job, attempt.task, spec, base_url);
    if (!trigger.branch.empty()) {
        GYRE_TRY_ASSIGN(const auto before, workflows.number_before(project.id, trigger.branch, job.number));
        if (before) assignment.built_in.push_back({"CIRCLE_PREVIOUS_BUILD_NUM", std::to_string(*before)});
    }
    assignment.trusted = trigger.fork.empty();
    if (secrets) {
        const WantedSecrets wanted{contexts_of(pipeline.plan, workflow.name, job),
                                   has_step<AddSshKeysStep>(spec),
                                   has_step<CheckoutStep>(spec) && is_over_ssh(project.remote),
                                   registries_of(spec),
                                   pipeline.id,
                                   workflow.id,
                                   job.id,
                                   workflow.started_by,
                                   job.ssh};
        GYRE_TRY_ASSIGN(auto known, secrets(project, trigger, wanted));
        assignment.secrets = std::move(known.variables);
        assignment.ssh_keys = std::move(known.ssh_keys);
        assignment.checkout_key = std::move(known.checkout_key);
        assignment.registry_logins = std::move(known.registry_logins);
    }
    // Also once the pipeline has continued: a rerun of its setup workflow shall hear that, not miss a key.
    if (pipeline.plan.setup)
        assignment.secrets.push_back({"CIRCLE_CONTINUATION_KEY", continuation_key(continuation_secret, pipeline.id)});
    assignment.build_number = job.number;
    assignment.only_failed_tests = job.failed_tests_of.has_value();
    return assignment;
}

}  // namespace

AssignmentSource assignment_source(WorkflowStore& workflows, ProjectStore& projects,
                                   std::function<std::string()> base_url, std::string continuation_secret,
                                   SecretsSource secrets) {
    return [&workflows, &projects, pipelines = std::make_shared<RecentPipelines>(workflows),
            base_url = std::move(base_url), secret = std::move(continuation_secret),
            secrets = std::move(secrets)](const AttemptRef& attempt) {
        return assemble(attempt, workflows, *pipelines, projects, base_url(), secret, secrets);
    };
}

Environment built_in_environment(const Project& project, const Pipeline& pipeline, const Workflow& workflow,
                                 const WorkflowJob& job, int task, const JobSpec& spec, const std::string& base_url) {
    const auto [organization, repository] = split_slug(project.slug);
    const auto& trigger = pipeline.trigger;
    const std::string number = std::to_string(job.number);
    Environment environment{
        {"CI", "true"},
        {"CIRCLECI", "true"},
        {"CIRCLE_BUILD_NUM", number},
        {"CIRCLE_BUILD_URL", base_url + "/" + project.slug + "/" + number},
        {"CIRCLE_JOB", job.name},
        {"CIRCLE_NODE_INDEX", std::to_string(task)},
        {"CIRCLE_NODE_TOTAL", std::to_string(std::max<std::size_t>(job.tasks.size(), 1))},
        {"CIRCLE_ORGANIZATION_ID", organization_id(project.slug)},
        {"CIRCLE_PIPELINE_ID", pipeline.id.text},
        {"CIRCLE_PROJECT_ID", project.id.text},
        {"CIRCLE_PROJECT_REPONAME", repository},
        {"CIRCLE_PROJECT_USERNAME", organization},
        {"CIRCLE_REPOSITORY_URL", public_remote(project.remote)},
        {"CIRCLE_SHA1", trigger.revision},
        {"CIRCLE_USERNAME", trigger.actor},
        {"CIRCLE_WORKFLOW_ID", workflow.id.text},
        {"CIRCLE_WORKFLOW_JOB_ID", job.id.text},
        {"CIRCLE_WORKFLOW_WORKSPACE_ID", workflow.workspace.text},
        {"CIRCLE_WORKING_DIRECTORY", spec.working_directory},
    };
    if (!trigger.branch.empty()) environment.push_back({"CIRCLE_BRANCH", trigger.branch});
    if (!trigger.tag.empty()) environment.push_back({"CIRCLE_TAG", trigger.tag});
    return environment;
}

}  // namespace gyre::gateway
