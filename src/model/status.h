#pragma once

// Every status, each with its one table of names (JSON, SQL, API, UI). WorkflowStatus and JobStatus use exactly the
// names of REST v2 (docs/states.md draws the transitions).

#include "base/enum_names.h"

namespace gyre {

enum class PipelineState {
    created,
    errored,
    pending,
    setup_pending,  // its setup workflow has not handed over the config that is to be run
};
constexpr EnumNames<PipelineState, 4> enum_names(PipelineState) {
    return {{{PipelineState::created, "created"},
             {PipelineState::errored, "errored"},
             {PipelineState::pending, "pending"},
             {PipelineState::setup_pending, "setup-pending"}}};
}

enum class WorkflowStatus { running, success, failed, failing, on_hold, canceled, error, not_run, unauthorized };
constexpr EnumNames<WorkflowStatus, 9> enum_names(WorkflowStatus) {
    return {{{WorkflowStatus::running, "running"},
             {WorkflowStatus::success, "success"},
             {WorkflowStatus::failed, "failed"},
             {WorkflowStatus::failing, "failing"},
             {WorkflowStatus::on_hold, "on_hold"},
             {WorkflowStatus::canceled, "canceled"},
             {WorkflowStatus::error, "error"},
             {WorkflowStatus::not_run, "not_run"},
             {WorkflowStatus::unauthorized, "unauthorized"}}};
}
// True when no job of the workflow will ever change again. `failing` and `on_hold` are not terminal.
constexpr bool is_terminal(WorkflowStatus status) {
    return status != WorkflowStatus::running && status != WorkflowStatus::failing && status != WorkflowStatus::on_hold;
}

enum class JobStatus {
    blocked,  // waits for jobs it requires
    queued,   // may run; no task of it has been placed yet
    running,  // at least one task is placed or running, or some finished and some wait
    on_hold,  // an approval job that waits for a person
    success,
    failed,               // the user's failure: a step exited with another code than 0
    timedout,             // a time limit of the job was reached
    canceled,             // somebody asked
    infrastructure_fail,  // our failure, after the limit of retries
    not_run,              // a job it requires did not end as required, or was canceled before it started
    unauthorized,         // a context was refused
};
constexpr EnumNames<JobStatus, 11> enum_names(JobStatus) {
    return {{{JobStatus::blocked, "blocked"},
             {JobStatus::queued, "queued"},
             {JobStatus::running, "running"},
             {JobStatus::on_hold, "on_hold"},
             {JobStatus::success, "success"},
             {JobStatus::failed, "failed"},
             {JobStatus::timedout, "timedout"},
             {JobStatus::canceled, "canceled"},
             {JobStatus::infrastructure_fail, "infrastructure_fail"},
             {JobStatus::not_run, "not_run"},
             {JobStatus::unauthorized, "unauthorized"}}};
}
constexpr bool is_terminal(JobStatus status) {
    return status != JobStatus::blocked && status != JobStatus::queued && status != JobStatus::running &&
           status != JobStatus::on_hold;
}

// A task (one parallel slice of a job).
enum class TaskStatus { waiting, queued, placed, running, finished };
constexpr EnumNames<TaskStatus, 5> enum_names(TaskStatus) {
    return {{{TaskStatus::waiting, "waiting"},
             {TaskStatus::queued, "queued"},
             {TaskStatus::placed, "placed"},
             {TaskStatus::running, "running"},
             {TaskStatus::finished, "finished"}}};
}

enum class AttemptState { placed, running, finished };
constexpr EnumNames<AttemptState, 3> enum_names(AttemptState) {
    return {
        {{AttemptState::placed, "placed"}, {AttemptState::running, "running"}, {AttemptState::finished, "finished"}}};
}

enum class StepStatus { running, success, failed, canceled, timedout, infrastructure_fail, skipped };
constexpr EnumNames<StepStatus, 7> enum_names(StepStatus) {
    return {{{StepStatus::running, "running"},
             {StepStatus::success, "success"},
             {StepStatus::failed, "failed"},
             {StepStatus::canceled, "canceled"},
             {StepStatus::timedout, "timedout"},
             {StepStatus::infrastructure_fail, "infrastructure_fail"},
             {StepStatus::skipped, "skipped"}}};
}

enum class JobType {
    build,
    approval,
    no_op,  // runs nothing and succeeds when its turn comes
};
constexpr EnumNames<JobType, 3> enum_names(JobType) {
    return {{{JobType::build, "build"}, {JobType::approval, "approval"}, {JobType::no_op, "no-op"}}};
}

enum class TestResult { success, failure, error, skipped };
constexpr EnumNames<TestResult, 4> enum_names(TestResult) {
    return {{{TestResult::success, "success"},
             {TestResult::failure, "failure"},
             {TestResult::error, "error"},
             {TestResult::skipped, "skipped"}}};
}

}  // namespace gyre
