#include "api/views/build_view.h"

#include <map>

#include "api/views/job_view.h"
#include "api/views/text.h"
#include "model/subject_ids.h"

namespace gyre::api {
namespace {

json::object user_view(const std::string& login, const std::string& vcs) {
    return {{"is_user", true},
            {"login", login.empty() ? "none" : login},
            {"name", text_or_null(login)},
            {"avatar_url", nullptr},
            {"vcs_type", vcs},
            {"id", user_id(login)}};
}

std::string_view why_of(const JobScene& scene, const std::string& vcs) {
    if (scene.workflow.auto_reruns > 0) return "auto-retry";
    if (scene.job().ssh) return "ssh";
    if (scene.workflow.rerun_of) return "retry";
    switch (scene.pipeline.trigger.kind) {
        case TriggerKind::webhook:
            return vcs == "gh" ? "github" : vcs == "bb" ? "bitbucket" : "trigger";
        case TriggerKind::api:
            return "api";
        case TriggerKind::schedule:
            return "schedule";
        case TriggerKind::local:
            return "trigger";
    }
    return "api";
}

json::object workflows_view(const JobScene& scene) {
    json::array upstream;
    for (const auto required : scene.job().requires_) {
        if (required < scene.workflow.jobs.size()) upstream.emplace_back(scene.workflow.jobs[required].id.text);
    }
    return {{"job_name", scene.job().name},
            {"job_id", scene.job().id.text},
            {"workflow_id", scene.workflow.id.text},
            {"workspace_id", scene.workflow.workspace.text},
            {"workflow_name", scene.workflow.name},
            {"upstream_job_ids", std::move(upstream)},
            {"upstream_concurrency_map", json::object{}}};
}

void add_commit(json::object& view, const CommitInfo& commit) {
    view["subject"] = text_or_null(commit.subject);
    view["body"] = text_or_null(commit.body);
    view["author_name"] = text_or_null(commit.author_name);
    view["author_email"] = text_or_null(commit.author_email);
    view["author_date"] = text_or_null(commit.author_date);
    view["committer_name"] = text_or_null(commit.committer_name);
    view["committer_email"] = text_or_null(commit.committer_email);
    view["committer_date"] = text_or_null(commit.committer_date);
}

std::string_view action_status(StepStatus status) {
    return status == StepStatus::skipped ? "canceled" : name_of(status);
}

bool is_bad(StepStatus status) {
    return status == StepStatus::failed || status == StepStatus::timedout || status == StepStatus::infrastructure_fail;
}

json::object action_view(const StepRecord& step, const AttemptRef& attempt, bool parallel,
                         const BuildDetails& details) {
    json::object view{
        {"name", step.name},
        {"index", attempt.task},
        {"step", step.index},
        {"type", step.type == "infrastructure" ? "infrastructure" : "test"},
        {"status", action_status(step.status)},
        {"bash_command", text_or_null(step.command)},
        {"exit_code", to_json(step.exit_code)},
        {"start_time", time_or_null(step.started_at)},
        {"end_time", time_or_null(step.stopped_at)},
        {"run_time_millis", step.status == StepStatus::running ? json::value(nullptr) : json::value(step.run_time_ms)},
        {"has_output", step.output_bytes > 0},
        {"truncated", step.truncated},
        {"parallel", parallel},
        {"failed", step.status == StepStatus::running ? json::value(nullptr) : json::value(is_bad(step.status))},
        {"infrastructure_fail", step.status == StepStatus::infrastructure_fail},
        {"timedout", step.status == StepStatus::timedout},
        {"canceled", step.status == StepStatus::canceled},
        {"continue", nullptr},
        {"background", step.background},
        {"insignificant", false},
        {"allocation_id", attempt.id().text},
        {"source", nullptr},
        {"messages", json::array{}}};
    if (step.output_bytes > 0) view["output_url"] = details.output_url(attempt, step.index);
    return view;
}

// One entry a step, with an action for each task that ran it.
json::array steps_view(const WorkflowJob& job, const BuildDetails& details) {
    std::map<int, json::object> by_index;
    const auto& tasks = job.tasks;
    for (std::size_t i = 0; i < details.steps.size() && i < tasks.size(); ++i) {
        if (tasks[i].attempts.empty()) continue;
        const AttemptRef attempt{job.id, tasks[i].index, tasks[i].attempts.back().number};
        for (const auto& step : details.steps[i]) {
            auto& entry = by_index[step.index];
            if (entry.empty()) entry = {{"name", step.name}, {"actions", json::array{}}};
            entry["actions"].as_array().push_back(action_view(step, attempt, tasks.size() > 1, details));
        }
    }
    json::array steps;
    for (auto& [index, entry] : by_index) steps.push_back(std::move(entry));
    return steps;
}

json::value brief_view(const std::optional<JobScene>& scene) {
    if (!scene) return nullptr;
    const auto& job = scene->job();
    const auto millis = millis_between(job.started_at, job.stopped_at);
    return json::object{{"build_num", job.number},
                        {"status", build_status(job.status).status},
                        {"build_time_millis", millis ? json::value(*millis) : json::value(nullptr)}};
}

json::object picard_view(const JobSpec& spec) {
    const auto* docker = std::get_if<DockerExecutor>(&spec.executor);
    const auto* machine = std::get_if<MachineExecutor>(&spec.executor);
    const auto kind = docker ? ExecutorKind::docker : ExecutorKind::machine;
    const auto resources = find_resources(kind, spec.resource_class).value_or(*find_resources(kind, ""));
    const std::string image = docker && !docker->containers.empty() ? docker->containers[0].image
                              : machine                             ? machine->image
                                                                    : "";
    return {{"executor", name_of(kind)},
            {"build_agent", {{"image", image}, {"properties", {{"build_agent", ""}, {"executor", name_of(kind)}}}}},
            {"resource_class",
             {{"class", spec.resource_class.empty() ? "medium" : spec.resource_class},
              {"cpu", resources.millicpus / 1000.0},
              {"ram", resources.memory_mb}}}};
}

}  // namespace

BuildStatus build_status(JobStatus status) {
    switch (status) {
        case JobStatus::blocked:
            return {"not_running", "", "not_running"};
        case JobStatus::queued:
            return {"queued", "", "queued"};
        case JobStatus::running:
            return {"running", "", "running"};
        case JobStatus::on_hold:
            return {"not_running", "", "not_running"};
        case JobStatus::success:
            return {"finished", "success", "success"};
        case JobStatus::failed:
            return {"finished", "failed", "failed"};
        case JobStatus::timedout:
            return {"finished", "timedout", "timedout"};
        case JobStatus::canceled:
            return {"finished", "canceled", "canceled"};
        case JobStatus::infrastructure_fail:
            return {"finished", "infrastructure_fail", "infrastructure_fail"};
        case JobStatus::not_run:
            return {"not_run", "", "not_run"};
        case JobStatus::unauthorized:
            return {"not_run", "", "not_run"};
    }
    return {"not_running", "", "not_running"};
}

json::object build_summary(const JobScene& scene, const std::string& base_url) {
    const auto& job = scene.job();
    const auto& trigger = scene.pipeline.trigger;
    const auto words = slug_words(scene.project.slug);
    const auto vcs = long_vcs(words.vcs);
    const auto status = build_status(job.status);
    const auto millis = millis_between(job.started_at, job.stopped_at);
    json::object view{{"vcs_url", public_remote(scene.project.remote)},
                      {"build_url", job_url(base_url, scene.project, job)},
                      {"build_num", job.number},
                      {"vcs_type", vcs},
                      {"username", words.organization},
                      {"reponame", words.repository},
                      {"branch", text_or_null(trigger.branch)},
                      {"vcs_tag", text_or_null(trigger.tag)},
                      {"vcs_revision", trigger.revision},
                      {"why", why_of(scene, words.vcs)},
                      {"dont_build", nullptr},
                      {"usage_queued_at", time_or_null(job.queued_at)},
                      {"queued_at", time_or_null(job.queued_at)},
                      {"start_time", time_or_null(job.started_at)},
                      {"stop_time", time_or_null(job.stopped_at)},
                      {"build_time_millis", millis ? json::value(*millis) : json::value(nullptr)},
                      {"lifecycle", status.lifecycle},
                      {"outcome", text_or_null(std::string(status.outcome))},
                      {"status", status.status},
                      {"parallel", std::max<std::size_t>(job.tasks.size(), 1)},
                      {"retry_of", nullptr},
                      {"user", user_view(trigger.actor, vcs)},
                      {"pull_requests", json::array{}},
                      {"platform", "2.0"},
                      {"fleet", "picard"},
                      {"workflows", workflows_view(scene)}};
    add_commit(view, trigger.commit);
    return view;
}

json::object build_view(const JobScene& scene, const BuildDetails& details, const std::string& base_url) {
    const auto& job = scene.job();
    const bool over = is_terminal(job.status);
    const auto words = slug_words(scene.project.slug);
    json::object view = build_summary(scene, base_url);
    const bool green = job.status == JobStatus::success;
    if (green && details.previous && details.previous->job().status != JobStatus::success) view["status"] = "fixed";
    view["job_name"] = nullptr;
    view["previous"] = brief_view(details.previous);
    view["previous_successful_build"] = brief_view(details.previous_successful);
    view["retries"] = nullptr;
    view["canceled"] = job.status == JobStatus::canceled;
    view["failed"] = over ? json::value(job.status == JobStatus::failed || job.status == JobStatus::timedout) : nullptr;
    view["timedout"] = job.status == JobStatus::timedout;
    view["infrastructure_fail"] = job.status == JobStatus::infrastructure_fail;
    view["canceler"] = job.canceled_by.empty() ? json::value(nullptr) : user_view(job.canceled_by, long_vcs(words.vcs));
    view["owners"] = json::array{json::string(scene.pipeline.trigger.actor)};
    view["compare"] = nullptr;
    view["all_commit_details"] = json::array{};
    view["all_commit_details_truncated"] = false;
    view["messages"] = json::array{};
    view["circle_yml"] = json::object{{"string", scene.pipeline.config_source}};
    view["steps"] = steps_view(job, details);
    view["has_artifacts"] = details.has_artifacts;
    view["build_parameters"] = nullptr;
    view["no_dependency_cache"] = false;
    view["is_first_green_build"] = green && !details.previous_successful;
    view["oss"] = false;
    view["ssh_disabled"] = true;
    view["ssh_users"] = json::array{};
    view["node"] = nullptr;
    view["fail_reason"] = text_or_null(job.reason);
    view["picard"] = scene.spec() ? json::value(picard_view(*scene.spec())) : json::value(nullptr);
    return view;
}

}  // namespace gyre::api
