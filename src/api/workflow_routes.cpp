#include "api/places.h"
#include "api/routes.h"
#include "api/views/pipeline_view.h"
#include "api/views/text.h"

namespace gyre::api {
namespace {

Result<Workflow> load(Desk& desk, const Request& request) {
    auto workflow = desk.ports.workflows.load(WorkflowId{request.param("id")});
    if (!workflow && workflow.error().fault == Fault::not_found) return not_found("Workflow not found.");
    return workflow;
}

Response accepted() { return httpd::message_answer(202, "Accepted."); }

Answer get_workflow(Desk& desk, Request& request) {
    GYRE_TRY_ASSIGN(const auto workflow, load(desk, request));
    GYRE_TRY_ASSIGN(const auto pipeline, desk.ports.workflows.load_pipeline(workflow.pipeline));
    GYRE_TRY_ASSIGN(const auto project, desk.ports.projects.by_id(workflow.project));
    return httpd::json_answer(workflow_view(workflow, pipeline.number, project));
}

Answer get_jobs(Desk& desk, Request& request) {
    GYRE_TRY_ASSIGN(const auto workflow, load(desk, request));
    GYRE_TRY_ASSIGN(const auto project, desk.ports.projects.by_id(workflow.project));
    json::array items;
    for (const auto& job : workflow.jobs) items.push_back(workflow_job_view(workflow, job, project));
    return httpd::json_answer(page_of(std::move(items)));
}

Answer approve(Desk& desk, Request& request) {
    GYRE_TRY_ASSIGN(const auto workflow, load(desk, request));
    for (const auto& job : workflow.jobs) {
        if (job.id.text != request.param("approval") || job.type != JobType::approval) continue;
        if (job.status != JobStatus::on_hold && job.status != JobStatus::success) {
            return invalid("The job is not waiting for an approval: it is " + std::string(name_of(job.status)) + ".");
        }
        GYRE_TRY(desk.ports.front_door.handle(ApproveAsked{job.id, request.caller}));
        return accepted();
    }
    return not_found("Approval request not found.");
}

// What is over stays as it is: asking is fine, but the answer says what came of it.
Answer cancel(Desk& desk, Request& request) {
    GYRE_TRY_ASSIGN(const auto workflow, load(desk, request));
    if (is_terminal(workflow.status)) {
        const std::string status(name_of(workflow.status));
        return httpd::json_answer(
            json::object{{"message", "The workflow had ended already: " + status + "."}, {"ended_as", status}}, 202);
    }
    GYRE_TRY(desk.ports.front_door.cancel_workflow(workflow.id, request.caller));
    return accepted();
}

Result<bool> flag_member(const json::object& body, std::string_view name) {
    const auto* member = body.if_contains(name);
    if (!member || member->is_null()) return false;
    if (!member->is_bool()) return invalid("'" + std::string(name) + "' must be true or false");
    return member->get_bool();
}

Result<std::vector<JobId>> jobs_member(const json::object& body, const Workflow& workflow) {
    std::vector<JobId> jobs;
    const auto* member = body.if_contains("jobs");
    if (!member || member->is_null()) return jobs;
    if (!member->is_array()) return invalid("'jobs' must be a list of ids of jobs");
    if (member->get_array().empty()) return invalid("'jobs' names no job: leave it out to run all of them again");
    if (member->get_array().size() > workflow.jobs.size()) return invalid("'jobs' names more jobs than there are");
    for (const auto& job : member->get_array()) {
        if (!job.is_string()) return invalid("'jobs' must be a list of ids of jobs");
        jobs.push_back({std::string(job.get_string())});
    }
    return jobs;
}

// `sparse_tree` asks for what is done anyway: nothing runs again that neither depends on the jobs nor is missing.
// `failed_tests`, our own, is from failed unless jobs are named.
Result<RerunWish> rerun_wish(const json::object& body, const Workflow& workflow) {
    GYRE_TRY(check_members(body, {"from_failed", "failed_tests", "jobs", "enable_ssh", "keep_ssh", "sparse_tree"}));
    GYRE_TRY_ASSIGN(const bool from_failed, flag_member(body, "from_failed"));
    GYRE_TRY_ASSIGN(const bool ssh, flag_member(body, "enable_ssh"));
    GYRE_TRY(flag_member(body, "sparse_tree"));
    GYRE_TRY_ASSIGN(auto jobs, jobs_member(body, workflow));
    if (from_failed && !jobs.empty()) return invalid("give 'from_failed' or 'jobs', not both");
    if (ssh && jobs.empty()) return invalid("'enable_ssh' needs 'jobs': name the ones to look into");
    GYRE_TRY_ASSIGN(const bool failed_tests, flag_member(body, "failed_tests"));
    RerunWish wish(from_failed || failed_tests ? RerunKind::from_failed : RerunKind::from_start);
    if (!jobs.empty()) wish = RerunWish(std::move(jobs), ssh);
    wish.failed_tests = failed_tests;
    return wish;
}

// A rerun of failed tests that would run all of them is not what was asked for.
Result<void> check_failed_tests(Desk& desk, const Workflow& workflow, const RerunWish& wish) {
    if (!wish.failed_tests || !is_terminal(workflow.status)) return {};
    for (const auto& job : workflow.jobs) {
        if (job.status != JobStatus::failed) continue;
        GYRE_TRY_ASSIGN(const auto tests, desk.ports.records.tests(job.id));  // failures first
        if (tests.empty()) continue;
        if (tests.front().result == TestResult::failure || tests.front().result == TestResult::error) return {};
    }
    return conflict("No failed tests could be found in this workflow: rerun it from failed, with all tests.");
}

// Own extension: `keep_ssh` says when the jobs' places are kept; "always" is what `enable_ssh` means anyway.
Result<SshKeep> keep_member(const json::object& body) {
    GYRE_TRY_ASSIGN(const auto text, text_member(body, "keep_ssh"));
    GYRE_TRY_ASSIGN(const bool ssh, flag_member(body, "enable_ssh"));
    if (text.empty()) return SshKeep::always;
    if (!ssh) return invalid("'keep_ssh' needs 'enable_ssh'");
    if (const auto keep = enum_from<SshKeep>(text)) return *keep;
    return invalid("'keep_ssh' must be 'always', 'on_failure' or 'no'");
}

Result<void> set_keep(Desk& desk, const WorkflowId& id, const std::string& login, SshKeep keep) {
    if (keep == SshKeep::always) return {};
    GYRE_TRY_ASSIGN(const auto workflow, desk.ports.workflows.load(id));
    for (const auto& job : workflow.jobs) {
        if (job.ssh) GYRE_TRY(desk.ports.ssh.ask(job.id, login, keep, desk.ports.clock.now()));
    }
    return {};
}

Answer rerun(Desk& desk, Request& request) {
    GYRE_TRY_ASSIGN(const auto workflow, load(desk, request));
    GYRE_TRY_ASSIGN(const auto body, body_object(request));
    GYRE_TRY_ASSIGN(const RerunWish wish, rerun_wish(body, workflow));
    GYRE_TRY_ASSIGN(const auto keep, keep_member(body));
    GYRE_TRY(check_failed_tests(desk, workflow, wish));
    GYRE_TRY_ASSIGN(const auto id, desk.ports.front_door.rerun(workflow.id, wish, request.caller));
    GYRE_TRY(set_keep(desk, id, request.caller, keep));
    return httpd::json_answer(json::object{{"workflow_id", id.text}}, 202);
}

}  // namespace

void add_workflow_routes(Desk& desk, httpd::Router& router) {
    desk.get(router, "/api/v2/workflow/:id", get_workflow);
    desk.get(router, "/api/v2/workflow/:id/job", get_jobs);
    desk.post(router, "/api/v2/workflow/:id/approve/:approval", approve);
    desk.post(router, "/api/v2/workflow/:id/cancel", cancel);
    desk.post(router, "/api/v2/workflow/:id/rerun", rerun);
}

}  // namespace gyre::api
