#include "api/views/job_view.h"

#include <algorithm>

#include "api/views/text.h"
#include "model/again.h"
#include "model/contexts.h"

namespace gyre::api {
namespace {

std::string_view executor_of(const JobSpec& spec) {
    return std::visit([](const auto& executor) { return executor.kind; }, spec.executor);
}

json::array contexts_of(const JobScene& scene) {
    json::array contexts;
    for (const auto& name : gyre::contexts_of(scene.pipeline.plan, scene.workflow.name, scene.job()))
        contexts.push_back(json::object{{"name", name}});
    return contexts;
}

std::string_view run_status(const WorkflowJob& job, const Task& task) {
    if (task.status != TaskStatus::finished || task.attempts.empty() || !task.attempts.back().outcome) {
        return task.status == TaskStatus::running ? "running"
               : is_terminal(job.status)          ? name_of(job.status)
                                                  : "queued";
    }
    struct Names {
        std::string_view operator()(const Succeeded&) const { return "success"; }
        std::string_view operator()(const Failed&) const { return "failed"; }
        std::string_view operator()(const TimedOut&) const { return "timedout"; }
        std::string_view operator()(const Canceled&) const { return "canceled"; }
        std::string_view operator()(const InfrastructureFailed&) const { return "infrastructure_fail"; }
    };
    return std::visit(Names{}, *task.attempts.back().outcome);
}

json::array messages_of(const WorkflowJob& job, const std::string& waits) {
    json::array messages;
    if (!waits.empty()) messages.push_back(json::object{{"type", "info"}, {"message", waits}, {"reason", "queued"}});
    for (const auto& task : job.tasks) {
        const auto attempts = static_cast<int>(task.attempts.size());
        for (int number = 2; number <= attempts + (task.ready_at ? 1 : 0); ++number) {
            messages.push_back(
                json::object{{"type", "info"},
                             {"message", "task " + std::to_string(task.index) + ", attempt " + std::to_string(number) +
                                             ": retried after: " + retried_after(task, number)},
                             {"reason", "retried"}});
        }
    }
    if (job.ssh) messages.push_back(json::object{{"type", "info"}, {"message", "rerun with SSH"}, {"reason", "ssh"}});
    if (job.failed_tests_of)
        messages.push_back(
            json::object{{"type", "info"}, {"message", "rerun of failed tests"}, {"reason", "failed_tests"}});
    if (!job.reason.empty()) messages.push_back(json::object{{"type", "warning"}, {"message", job.reason}});
    return messages;
}

}  // namespace

std::string job_url(const std::string& base_url, const Project& project, const WorkflowJob& job) {
    return base_url + "/" + project.slug + "/" + std::to_string(job.number);
}

json::object job_view(const JobScene& scene, const std::string& waits, const std::string& base_url) {
    const auto& job = scene.job();
    const auto words = slug_words(scene.project.slug);
    const auto* spec = scene.spec();
    json::array runs;
    for (const auto& task : job.tasks) {
        runs.push_back(json::object{{"index", task.index}, {"status", run_status(job, task)}});
    }
    const auto duration = millis_between(job.started_at, job.stopped_at);
    json::object executor{{"resource_class", spec && !spec->resource_class.empty() ? spec->resource_class : "medium"}};
    if (spec) executor["type"] = executor_of(*spec);
    return {{"number", job.number},
            {"name", job.name},
            {"status", name_of(job.status)},
            {"web_url", job_url(base_url, scene.project, job)},
            {"project",
             {{"id", scene.project.id.text},
              {"slug", scene.project.slug},
              {"name", words.repository},
              {"external_url", public_remote(scene.project.remote)}}},
            {"organization", {{"name", words.organization}}},
            {"pipeline", {{"id", scene.pipeline.id.text}}},
            {"latest_workflow", {{"id", scene.workflow.id.text}, {"name", scene.workflow.name}}},
            {"executor", std::move(executor)},
            {"parallelism", std::max<std::size_t>(job.tasks.size(), 1)},
            {"parallel_runs", std::move(runs)},
            {"contexts", contexts_of(scene)},
            {"messages", messages_of(job, waits)},
            {"created_at", to_iso(job.created_at)},
            {"queued_at", to_iso(job.queued_at.value_or(job.created_at))},
            {"started_at", time_or_null(job.started_at)},
            {"stopped_at", time_or_null(job.stopped_at)},
            {"duration", duration ? json::value(*duration) : json::value(nullptr)}};
}

Result<json::object> tasks_view(const WorkflowJob& job, const std::string& waits, const StepsOf& steps_of) {
    json::array tasks;
    for (const auto& task : job.tasks) {
        json::array attempts;
        for (const auto& attempt : task.attempts) {
            const AttemptRef ref{job.id, task.index, attempt.number};
            GYRE_TRY_ASSIGN(const auto steps, steps_of(ref));
            json::object view{{"id", ref.id().text},
                              {"number", attempt.number},
                              {"state", name_of(attempt.state)},
                              {"client", attempt.client},
                              {"placed_at", to_iso(attempt.placed_at)},
                              {"started_at", time_or_null(attempt.started_at)},
                              {"stopped_at", time_or_null(attempt.stopped_at)},
                              {"outcome", to_json(attempt.outcome)},
                              {"steps", to_json(steps)}};
            if (const auto why = retried_after(task, attempt.number); !why.empty()) view["retried_after"] = why;
            attempts.push_back(std::move(view));
        }
        json::object view{{"index", task.index}, {"status", name_of(task.status)}, {"attempts", std::move(attempts)}};
        if (task.ready_at) view["ready_at"] = to_iso(*task.ready_at);
        tasks.push_back(std::move(view));
    }
    return json::object{{"waiting_for", waits}, {"reason", job.reason}, {"tasks", std::move(tasks)}};
}

json::object artifact_view(const Artifact& artifact, const std::string& url) {
    return {{"path", artifact.path}, {"node_index", artifact.task}, {"url", url}, {"size", artifact.size}};
}

json::object test_view(const TestCase& test) {
    return {{"name", test.name},      {"classname", test.classname},    {"file", test.file},
            {"source", test.source},  {"result", name_of(test.result)}, {"run_time", test.run_time},
            {"message", test.message}};
}

std::string artifact_url(const std::string& base_url, const JobId& job, const Artifact& artifact) {
    return base_url + "/artifacts/" + job.text + "/" + std::to_string(artifact.task) + "/" +
           httpd::percent_encode(artifact.path, true);
}

}  // namespace gyre::api
