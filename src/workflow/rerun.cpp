#include "workflow/rerun.h"

#include <algorithm>
#include <iterator>
#include <stdexcept>

#include "workflow/graph.h"
#include "workflow/readiness.h"
#include "workflow/start.h"

namespace gyre::workflow {
namespace {

using Marks = std::vector<bool>;  // by position

bool succeeded(const WorkflowJob& job) { return job.status == JobStatus::success; }

Result<Marks> marks_of(const Workflow& old, std::span<const JobId> chosen) {
    if (chosen.empty()) return invalid("name the jobs to rerun");
    Marks marks(old.jobs.size(), false);
    for (const auto& id : chosen) {
        const auto found = std::ranges::find(old.jobs, id, &WorkflowJob::id);
        if (found == old.jobs.end()) return not_found("job " + id.text + " is not in this workflow");
        marks[static_cast<std::size_t>(found - old.jobs.begin())] = true;
    }
    return marks;
}

// Walks from the marked jobs over `neighbours(position)` and marks what it reaches.
template <typename Neighbours>
void spread(Marks& marks, Neighbours neighbours) {
    std::vector<std::size_t> reached;
    for (std::size_t position = 0; position < marks.size(); ++position) {
        if (marks[position]) reached.push_back(position);
    }
    for (std::size_t i = 0; i < reached.size(); ++i) {
        for (const std::size_t next : neighbours(reached[i])) {
            if (!marks[next]) reached.push_back(next);
            marks[next] = true;
        }
    }
}

// Marks the other jobs of a marked job's serial job-group. False: there were none to mark.
bool spread_over_groups(const Workflow& old, Marks& marks) {
    bool grown = false;
    for (std::size_t i = 0; i < marks.size(); ++i) {
        const auto& job = old.jobs[i];
        if (!marks[i] || job.job_group.empty() || job.serial_group.empty()) continue;
        for (std::size_t other = 0; other < marks.size(); ++other) {
            if (marks[other] || old.jobs[other].job_group != job.job_group) continue;
            marks[other] = grown = true;
        }
    }
    return grown;
}

// Everything behind the chosen jobs, then what all these need and do not have.
Marks complete(const Workflow& old, Marks chosen) {
    const Dependants dependants(old.jobs);
    for (;;) {
        spread(chosen, [&](std::size_t position) { return dependants.of(position); });
        Marks marks = chosen;
        spread(marks, [&](std::size_t position) {
            std::vector<std::size_t> missing;
            std::ranges::copy_if(old.jobs[position].requires_, std::back_inserter(missing),
                                 [&](auto required) { return !succeeded(old.jobs[required]); });
            return missing;
        });
        Marks grown = marks;
        if (!spread_over_groups(old, grown)) return marks;
        for (std::size_t i = 0; i < marks.size(); ++i) chosen[i] = chosen[i] || (grown[i] && !marks[i]);
    }
}

// What runs again when successes are kept: a job whose kept requirements allow it, if it did not succeed, or if the end
// of one that it requires is open again, or if it must. In the order of the graph; one that waits for the failure of a
// job whose success is kept stays not_run.
Marks without_kept(const Workflow& old, const Marks& must) {
    Marks marks(old.jobs.size(), false);
    for (const std::size_t position : in_order(old.jobs)) {
        const auto& job = old.jobs[position];
        const auto runs_again = [&](std::size_t required) { return bool(marks[required]); };
        const auto allows = [&](std::size_t required) {
            const auto kept = succeeded(old.jobs[required]) ? JobStatus::success : JobStatus::not_run;
            return marks[required] || is_as_required(job, required, kept);
        };
        marks[position] = std::ranges::all_of(job.requires_, allows) &&
                          (must[position] || !succeeded(job) || std::ranges::any_of(job.requires_, runs_again));
    }
    return marks;
}

Marks from_failed(const Workflow& old) {
    Marks must(old.jobs.size(), false);
    for (;;) {
        Marks marks = without_kept(old, must);
        Marks grown = marks;
        spread_over_groups(old, grown);
        if (grown == must || grown == marks) return marks;
        must = std::move(grown);
    }
}

WorkflowJob copy_of(const WorkflowJob& old, const RerunFacts& facts, const JobId& id) {
    WorkflowJob job{.id = id, .name = old.name, .type = old.type, .spec = old.spec, .requires_ = old.requires_};
    job.required_ends = old.required_ends;
    job.unavailable = old.unavailable;
    job.serial_group = old.serial_group;
    job.job_group = old.job_group;
    if (old.type == JobType::build) job.tasks = waiting_tasks(static_cast<int>(old.tasks.size()));
    job.created_at = facts.at;
    return job;
}

void finish_tasks(WorkflowJob& job) {
    for (auto& task : job.tasks) task.status = TaskStatus::finished;
}

void keep(WorkflowJob& job, const WorkflowJob& old) {
    job.status = JobStatus::success;
    job.kept_from = old.kept_from ? old.kept_from : old.id;
    job.number = old.number;
    job.approved_by = old.approved_by;
    job.created_at = old.created_at;
    job.queued_at = old.queued_at;
    job.started_at = old.started_at;
    job.stopped_at = old.stopped_at;
    finish_tasks(job);
}

void leave_out(WorkflowJob& job, Timestamp at) {
    job.status = JobStatus::not_run;
    job.reason = "not part of this rerun";
    job.stopped_at = at;
    finish_tasks(job);
}

}  // namespace

Result<std::vector<std::size_t>> jobs_to_rerun(const Workflow& old, RerunKind kind, std::span<const JobId> chosen) {
    if (!is_terminal(old.status))
        return conflict("the workflow has not ended: wait for it or cancel it, then rerun it");
    Marks marks(old.jobs.size(), kind == RerunKind::from_start);
    if (kind == RerunKind::from_failed) {
        marks = from_failed(old);
    } else if (kind == RerunKind::jobs) {
        GYRE_TRY_ASSIGN(marks, marks_of(old, chosen));
        marks = complete(old, std::move(marks));
    }
    std::vector<std::size_t> positions;
    for (std::size_t position = 0; position < marks.size(); ++position) {
        if (marks[position]) positions.push_back(position);
    }
    if (positions.empty()) return conflict("nothing in this workflow failed: rerun it from the start instead");
    return positions;
}

std::int64_t numbers_needed(const Workflow& old, std::span<const std::size_t> positions) {
    return std::ranges::count_if(positions, [&](auto position) { return old.jobs[position].type == JobType::build; });
}

Result<Workflow> rerun(const Workflow& old, RerunKind kind, const RerunFacts& facts, std::span<const JobId> chosen) {
    GYRE_TRY_ASSIGN(const auto positions, jobs_to_rerun(old, kind, chosen));
    if (facts.job_ids.size() != old.jobs.size()) throw std::logic_error("workflow::rerun: one id a job is needed");
    Workflow made{.id = facts.id, .pipeline = old.pipeline, .project = old.project, .workspace = old.workspace};
    made.name = old.name;
    made.rerun_of = old.id;
    made.started_by = facts.started_by;
    made.created_at = facts.at;
    if (facts.automatic) {
        made.max_auto_reruns = old.max_auto_reruns;
        made.auto_reruns = old.auto_reruns + 1;
    }

    std::int64_t number = facts.first_number;
    for (std::size_t i = 0; i < old.jobs.size(); ++i) {
        auto job = copy_of(old.jobs[i], facts, facts.job_ids[i]);
        if (std::ranges::binary_search(positions, i)) {
            if (job.type == JobType::build) job.number = number++;
            job.ssh = facts.ssh && std::ranges::find(chosen, old.jobs[i].id) != chosen.end();
            // One that timed out, or was canceled or lost, has not tried all of its tests.
            const bool tried = job.type == JobType::build && old.jobs[i].status == JobStatus::failed;
            if (facts.failed_tests && tried) job.failed_tests_of = old.jobs[i].id;
        } else if (succeeded(old.jobs[i])) {
            keep(job, old.jobs[i]);
        } else {
            leave_out(job, facts.at);
        }
        made.jobs.push_back(std::move(job));
    }
    first_moment(made);
    return made;
}

}  // namespace gyre::workflow
