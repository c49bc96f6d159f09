#include <algorithm>
#include <array>

#include "config/graph.h"
#include "config/lint.h"

namespace gyre::config {
namespace {

// Whether it certainly matches every name.
bool matches_all(const WrittenPattern& pattern) {
    constexpr std::array<std::string_view, 6> all{"/.*/", "/^.*$/", "/^.*/", "/.*$/", "/.+/", "/^.+$/"};
    return std::find(all.begin(), all.end(), pattern.at->text) != all.end();
}

bool lets_nothing_through(const RefFilter& filter) {
    if (filter.only) return filter.only->empty();
    return filter.ignore && std::any_of(filter.ignore->begin(), filter.ignore->end(), matches_all);
}

bool may_run_on_branches(const Filters& filters) {
    return filters.decided || !filters.branches || !lets_nothing_through(*filters.branches);
}

bool may_run_on_tags(const Filters& filters) {
    return filters.decided || (filters.tags && !lets_nothing_through(*filters.tags));
}

class Checker {
public:
    Checker(Context& context, const WorkflowDraft& workflow) : context_(context), workflow_(workflow) {
        for (const Draft& draft : workflow.jobs) {
            const auto all = filters_of(workflow, draft);
            branches_.push_back(
                std::all_of(all.begin(), all.end(), [](const Filters* one) { return may_run_on_branches(*one); }));
            tags_.push_back(
                std::all_of(all.begin(), all.end(), [](const Filters* one) { return may_run_on_tags(*one); }));
        }
        own_ = united();
        drop(branches_);
        drop(tags_);
        runs_ = united();
    }

    void check() {
        for (std::size_t i = 0; i < workflow_.jobs.size(); ++i) {
            check_statuses(workflow_.jobs[i]);
            if (!own_[i]) {
                warn(i, "no branch and no tag passes the filters of the job '" + name(i) + "'");
            } else if (!runs_[i] && requires_one_that_runs(i)) {
                warn(i, "no branch and no tag passes both the filters of the job '" + name(i) +
                            "' and those of what it requires");
            }
        }
    }

private:
    std::vector<bool> united() const {
        std::vector<bool> either = branches_;
        for (std::size_t i = 0; i < either.size(); ++i) either[i] = branches_[i] || tags_[i];
        return either;
    }

    void drop(std::vector<bool>& runs) const {
        Edges edges = workflow_.edges;
        drop_filtered(edges, runs);
    }

    // Otherwise it is a consequence of what is said about another job.
    bool requires_one_that_runs(std::size_t job) const {
        const auto& required = workflow_.edges[job];
        return std::any_of(required.begin(), required.end(), [&](std::size_t other) { return runs_[other]; });
    }

    const std::string& name(std::size_t job) const { return workflow_.jobs[job].name; }

    void warn(std::size_t job, std::string message) {
        Problem problem{.code = Code::unreachable_job, .at = workflow_.jobs[job].at, .message = std::move(message)};
        const auto& required = workflow_.edges[job];
        if (own_[job] && !required.empty()) {
            problem.expected = may_run_on_tags(workflow_.jobs[job].filters)
                                   ? "'tags' in the filters of what it requires, too"
                                   : "filters that can pass together";
            problem.notes.push_back(Context::note("required here", *workflow_.jobs[required.front()].at.node));
        }
        context_.warn(std::move(problem));
    }

    // A job that runs nothing cannot fail.
    void check_statuses(const Draft& draft) {
        constexpr std::array possible{JobStatus::success, JobStatus::canceled, JobStatus::not_run};
        for (const auto& [other, statuses] : draft.statuses) {
            const Draft& required = workflow_.jobs[other];
            if (required.type == JobType::build) continue;
            if (std::find_first_of(statuses.begin(), statuses.end(), possible.begin(), possible.end()) !=
                statuses.end()) {
                continue;
            }
            const auto written = std::find_if(draft.required.begin(), draft.required.end(),
                                              [&](const Requirement& one) { return one.name == required.name; });
            context_.warn({.code = Code::unreachable_job,
                           .at = written == draft.required.end() ? draft.at : written->at,
                           .message = "'" + clipped(required.name, 60) + "' runs nothing and never ends so: the job '" +
                                      draft.name + "' never runs",
                           .expected = "success or canceled"});
        }
    }

    Context& context_;
    const WorkflowDraft& workflow_;
    std::vector<bool> branches_, tags_;  // on some of them it may run
    std::vector<bool> own_, runs_;       // by its own filters; with those of what it requires
};

}  // namespace

void check_reachable(Context& context, const WorkflowDraft& workflow) {
    if (workflow.runs && !has_errors(context.diagnostics())) Checker(context, workflow).check();
}

}  // namespace gyre::config
