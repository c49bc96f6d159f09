#include "api/views/pipeline_view.h"

#include "api/views/text.h"
#include "model/again.h"
#include "model/serial_hold.h"
#include "model/subject_ids.h"

namespace gyre::api {
namespace {

std::string_view trigger_type(TriggerKind kind) {
    switch (kind) {
        case TriggerKind::webhook:
            return "webhook";
        case TriggerKind::api:
            return "api";
        case TriggerKind::schedule:
            return "scheduled_pipeline";
        case TriggerKind::local:
            return "explicit";
    }
    return "api";
}

std::string last_retry_of(const WorkflowJob& job) {
    for (const auto& task : job.tasks) {
        // A task that waits for its next attempt is retried, too.
        const auto attempts = static_cast<int>(task.attempts.size());
        if (auto why = retried_after(task, task.ready_at ? attempts + 1 : attempts); !why.empty()) return why;
    }
    return {};
}

json::object vcs_view(const Trigger& trigger, const Project& project) {
    const auto words = slug_words(project.slug);
    const auto url = public_remote(project.remote);
    json::object vcs{{"provider_name", words.vcs == "gh"   ? "GitHub"
                                       : words.vcs == "bb" ? "Bitbucket"
                                                           : "git"},
                     {"origin_repository_url", url},
                     {"target_repository_url", url},
                     {"revision", trigger.revision}};
    if (!trigger.branch.empty()) vcs["branch"] = trigger.branch;
    if (!trigger.tag.empty()) vcs["tag"] = trigger.tag;
    if (!trigger.commit.subject.empty()) {
        vcs["commit"] = {{"subject", trigger.commit.subject}, {"body", trigger.commit.body}};
    }
    return vcs;
}

}  // namespace

json::object pipeline_view(const Pipeline& pipeline, const Project& project) {
    const auto& trigger = pipeline.trigger;
    json::array errors;
    for (const auto& error : pipeline.errors) errors.push_back(to_json(error));
    json::object view{{"id", pipeline.id.text},
                      {"number", pipeline.number},
                      {"project_slug", project.slug},
                      {"state", name_of(pipeline.state)},
                      {"created_at", to_iso(pipeline.created_at)},
                      {"updated_at", to_iso(pipeline.updated_at)},
                      {"errors", std::move(errors)},
                      {"trigger",
                       {{"type", trigger_type(trigger.kind)},
                        {"received_at", to_iso(trigger.received_at)},
                        {"actor", {{"login", trigger.actor}, {"avatar_url", nullptr}}}}},
                      {"vcs", vcs_view(trigger, project)}};
    if (!pipeline.note.empty()) view["note"] = pipeline.note;
    json::object parameters;
    for (const auto& [name, value] : trigger.parameters) parameters[name] = value;
    for (const auto& [name, text] : trigger.parameter_texts) parameters[name] = text;
    if (!parameters.empty()) view["trigger_parameters"] = std::move(parameters);
    return view;
}

json::object created_view(const Pipeline& pipeline) {
    return {{"id", pipeline.id.text},
            {"number", pipeline.number},
            {"state", name_of(pipeline.state)},
            {"created_at", to_iso(pipeline.created_at)}};
}

json::object workflow_view(const Workflow& workflow, std::int64_t pipeline_number, const Project& project) {
    json::object view{{"id", workflow.id.text},
                      {"name", workflow.name},
                      {"status", name_of(workflow.status)},
                      {"pipeline_id", workflow.pipeline.text},
                      {"pipeline_number", pipeline_number},
                      {"project_slug", project.slug},
                      {"started_by", user_id(workflow.started_by)},
                      {"created_at", to_iso(workflow.created_at)},
                      {"stopped_at", time_or_null(workflow.stopped_at)}};
    if (!workflow.canceled_by.empty()) view["canceled_by"] = workflow.canceled_by;
    if (workflow.max_auto_reruns > 0) view["max_auto_reruns"] = workflow.max_auto_reruns;
    if (workflow.auto_reruns > 0) view["auto_rerun_number"] = workflow.auto_reruns;
    if (workflow.rerun_of) view["rerun_of"] = workflow.rerun_of->text;
    if (reruns_by_itself(workflow)) view["reruns_by_itself"] = true;
    return view;
}

json::object workflow_job_view(const Workflow& workflow, const WorkflowJob& job, const Project& project) {
    json::array dependencies;
    for (const auto required : job.requires_) {
        if (required < workflow.jobs.size()) dependencies.emplace_back(workflow.jobs[required].id.text);
    }
    json::object view{{"id", job.id.text},
                      {"name", job.name},
                      {"project_slug", project.slug},
                      {"type", name_of(job.type)},
                      {"status", name_of(job.status)},
                      {"dependencies", std::move(dependencies)},
                      {"started_at", time_or_null(job.started_at)},
                      {"stopped_at", time_or_null(job.stopped_at)}};
    if (job.number > 0) view["job_number"] = job.number;  // absent, not null, for approvals
    if (job.type == JobType::approval) view["approval_request_id"] = job.id.text;
    if (!job.approved_by.empty()) view["approved_by"] = job.approved_by;
    if (!job.canceled_by.empty()) view["canceled_by"] = job.canceled_by;
    if (!job.reason.empty()) view["reason"] = job.reason;
    if (const auto why = last_retry_of(job); !why.empty()) view["retried_after"] = why;
    if (!job.serial_group.empty()) view["serial_group"] = serial_group_name(job.serial_group);
    if (job.ssh) view["ssh"] = true;
    if (job.failed_tests_of) view["failed_tests"] = true;
    return view;
}

}  // namespace gyre::api
