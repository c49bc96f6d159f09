#include "config/workflow_names.h"

#include <algorithm>
#include <map>
#include <set>

#include "config/nearest.h"
#include "config/status_words.h"
#include "config/workflow.h"

namespace gyre::config {
namespace {

constexpr std::size_t price_of_an_edge = 100;

using ByName = std::map<std::string, std::vector<std::size_t>, std::less<>>;

std::size_t scope_of(const Draft& draft) { return static_cast<std::size_t>(draft.job_group + 1); }

// By scope: 0 is the workflow, then one for each job group.
std::vector<std::vector<std::size_t>> by_scope(const WorkflowDraft& workflow) {
    std::vector<std::vector<std::size_t>> scopes(workflow.groups.size() + 1);
    for (std::size_t i = 0; i < workflow.jobs.size(); ++i) scopes[scope_of(workflow.jobs[i])].push_back(i);
    return scopes;
}

class Resolver {
public:
    Resolver(Context& context, WorkflowDraft& workflow)
        : context_(context),
          drafts_(workflow.jobs),
          groups_(workflow.groups),
          scopes_(groups_.size() + 1),
          members_(by_scope(workflow)) {
        for (std::size_t i = 0; i < drafts_.size(); ++i) add_name(i, scopes_[scope_of(drafts_[i])]);
        for (std::size_t i = 0; i < groups_.size(); ++i) by_group_.emplace(groups_[i].name, i);
    }

    Edges run() {
        Edges edges(drafts_.size());
        for (std::size_t i = 0; i < drafts_.size(); ++i) {
            const Draft& draft = drafts_[i];
            for (const Requirement& one : draft.required) add(i, one, scope_of(draft), edges[i]);
            if (draft.job_group >= 0 && draft.required.empty()) {
                for (const Requirement& one : groups_[scope_of(draft) - 1].required) add(i, one, 0, edges[i]);
            }
            std::sort(edges[i].begin(), edges[i].end());
            edges[i].erase(std::unique(edges[i].begin(), edges[i].end()), edges[i].end());
        }
        return edges;
    }

private:
    struct Names {
        ByName exact;
        ByName copies;  // by the name in `jobs` of those that got a suffix, by the group of those of a matrix
        bool complete = true;
    };

    void add_name(std::size_t job, Names& names) {
        const Draft& draft = drafts_[job];
        names.exact[draft.name].push_back(job);
        if (!draft.group.empty()) {
            names.copies[draft.group].push_back(job);
        } else if (draft.name != draft.job && !draft.name_at) {
            names.copies[draft.job].push_back(job);
        }
        if (!draft.named) names.complete = false;
    }

    void add(std::size_t job, const Requirement& required, std::size_t scope, std::vector<std::size_t>& edges) {
        const Names& names = scopes_[scope];
        if (const auto exact = names.exact.find(required.name); exact != names.exact.end()) {
            return add_edge(job, exact->second.front(), required, edges);
        }
        const auto copies = names.copies.find(required.name);
        if (copies == names.copies.end()) return add_group(job, required, scope, edges);
        const Draft& draft = drafts_[job];
        const bool is_copy =
            draft.job == required.name && draft.group.empty() && !draft.name_at && scope_of(draft) == scope;
        if (is_copy && copies->second.front() == job) return report_first_copy(required);
        for (const std::size_t other : copies->second) {
            if (is_copy && other >= job) break;
            if (!context_.spend(price_of_an_edge, required.at)) return;
            add_edge(job, other, required, edges);
        }
    }

    void report_first_copy(const Requirement& required) {
        context_.report({.code = Code::unknown_requirement,
                         .at = required.at,
                         .message = "here '" + clipped(required.name, 60) +
                                    "' means the uses of that job before this one, and this is the first",
                         .expected = "a 'name' for the one that is to run first, and that name here"});
    }

    void add_group(std::size_t job, const Requirement& required, std::size_t scope, std::vector<std::size_t>& edges) {
        const auto group = by_group_.find(required.name);
        if (scope != 0 || group == by_group_.end()) return report_unknown(required, scope);
        if (!fits_a_group(required.statuses)) {
            return context_.report(
                {.code = Code::bad_job_group,
                 .at = required.at,
                 .message = "the jobs of the group '" + clipped(required.name, 60) +
                            "' may each end in another way: a group is required to succeed, or to end",
                 .expected = "'" + clipped(required.name, 60) + "' alone, or with 'terminal'"});
        }
        for (const std::size_t other : members_[group->second + 1]) {
            if (!context_.spend(price_of_an_edge, required.at)) return;
            add_edge(job, other, required, edges);
        }
    }

    static bool fits_a_group(const std::vector<JobStatus>& statuses) {
        const std::vector<JobStatus> all = statuses_of("terminal");
        return std::all_of(statuses.begin(), statuses.end(), [](JobStatus one) { return one == JobStatus::success; }) ||
               std::set(statuses.begin(), statuses.end()) == std::set(all.begin(), all.end());
    }

    void add_edge(std::size_t job, std::size_t other, const Requirement& required, std::vector<std::size_t>& edges) {
        edges.push_back(other);
        if (required.statuses != std::vector{JobStatus::success}) drafts_[job].statuses[other] = required.statuses;
    }

    void report_unknown(const Requirement& required, std::size_t scope) {
        if (!scopes_[scope].complete) return;  // what is missing may be what has no name yet
        if (context_.leaves_out(Code::unknown_requirement, required.at)) return;
        if (report_renamed(required, scope) || report_elsewhere(required, scope)) return;
        std::vector<std::string> names;
        for (const std::size_t one : members_[scope]) {
            if (names.size() < most_candidates) names.push_back(drafts_[one].name);
        }
        for (const auto& one : scopes_[scope].copies) names.push_back(one.first);
        for (std::size_t i = 0; scope == 0 && i < groups_.size(); ++i) names.push_back(groups_[i].name);
        const std::string suggestion = nearest(required.name, names);
        const std::string place = scope == 0 ? "workflow" : "job group";
        context_.report({.code = Code::unknown_requirement,
                         .at = required.at,
                         .message = "no job '" + required.name + "' in this " + place,
                         .expected = suggestion.empty() ? "the name of a job of the same " + place : "",
                         .suggestion = suggestion});
    }

    // The name in `jobs` of an entry that has another one in the workflow.
    bool report_renamed(const Requirement& required, std::size_t scope) {
        const auto renamed = std::find_if(members_[scope].begin(), members_[scope].end(), [&](std::size_t one) {
            return drafts_[one].job == required.name && drafts_[one].name != required.name && drafts_[one].name_at;
        });
        if (renamed == members_[scope].end()) return false;
        const Draft& draft = drafts_[*renamed];
        context_.report({.code = Code::unknown_requirement,
                         .at = required.at,
                         .message = "in this " + std::string(scope == 0 ? "workflow" : "job group") + " the job '" +
                                    required.name + "' has another name: '" + clipped(draft.name, 60) + "'",
                         .suggestion = draft.name,
                         .notes = {Context::note("named here", *draft.name_at.node)}});
        return true;
    }

    // A name of the workflow in a job group, or that of a job of a group outside of it.
    bool report_elsewhere(const Requirement& required, std::size_t scope) {
        const auto owner = std::find_if(drafts_.begin(), drafts_.end(), [&](const Draft& one) {
            if (one.job_group < 0) return scope != 0 && one.name == required.name;
            return one.name == required.name || group(one).name + "/" + one.name == required.name;
        });
        const bool is_group = scope != 0 && by_group_.contains(required.name);
        if (owner == drafts_.end() && !is_group) return false;
        Problem problem{.code = Code::unknown_requirement, .at = required.at, .message = ""};
        if (scope == 0) {
            problem.message = "'" + clipped(required.name, 60) + "' is a job of the group '" +
                              clipped(group(*owner).name, 60) + "', which is required as a whole";
            problem.suggestion = group(*owner).name;
        } else {
            problem.message = "'" + clipped(required.name, 60) +
                              "' is no job of this group: within it jobs wait for each "
                              "other alone";
            problem.expected = "what the group waits for in 'requires' of its entry in the workflow";
        }
        context_.report(std::move(problem));
        return true;
    }

    const GroupDraft& group(const Draft& draft) const { return groups_[scope_of(draft) - 1]; }

    Context& context_;
    std::vector<Draft>& drafts_;
    const std::vector<GroupDraft>& groups_;
    std::vector<Names> scopes_;
    std::vector<std::vector<std::size_t>> members_;  // of each scope
    std::map<std::string, std::size_t, std::less<>> by_group_;
};

void report_cycle(Context& context, const std::vector<Draft>& drafts, const std::vector<std::size_t>& cycle) {
    constexpr std::size_t most_shown = 20;
    const Draft& first = drafts[cycle.front()];
    if (cycle.size() <= 2) {
        return context.report({.code = Code::dependency_cycle,
                               .at = first.at,
                               .message = "the job '" + clipped(first.name, 60) + "' waits for itself"});
    }
    std::string path;
    for (std::size_t i = 0; i < cycle.size() && i < most_shown; ++i) {
        path += (path.empty() ? "" : " -> ") + drafts[cycle[i]].name;
    }
    if (cycle.size() > most_shown) path += " -> ...";
    context.report(
        {.code = Code::dependency_cycle, .at = first.at, .message = "these jobs wait for each other: " + path});
}

// One of each knot of jobs that wait for each other: others of the knot may be gone with it.
void report_cycles(Context& context, const std::vector<Draft>& drafts, Edges edges) {
    while (!context.full()) {
        const auto cycle = find_cycle(edges);
        if (cycle.empty()) return;
        report_cycle(context, drafts, cycle);
        for (const std::size_t one : knot_of(edges, cycle.front())) edges[one].clear();
    }
}

class Namer {
public:
    Namer(Context& context, WorkflowDraft& workflow) : context_(context), workflow_(workflow) {}

    void run() {
        const auto scopes = by_scope(workflow_);
        Taken taken;
        std::vector<bool> first;
        for (const GroupDraft& group : workflow_.groups) {
            const Value at = group.name_at ? group.name_at : group.at;
            first.push_back(take(group.name, at, "two entries of this workflow are", taken));
        }
        name(scopes[0], "", taken);
        for (std::size_t i = 0; i < workflow_.groups.size(); ++i) {
            Taken alone;  // names that clash with those of a namesake are no news
            name(scopes[i + 1], workflow_.groups[i].name + "/", first[i] ? taken : alone);
        }
    }

private:
    using Taken = std::map<std::string, Value>;

    // `before` is what the final names of these begin with.
    void name(const std::vector<std::size_t>& scope, const std::string& before, Taken& taken) {
        std::map<std::string, int> unnamed;
        for (const std::size_t i : scope) {
            if (draft(i).name.empty()) ++unnamed[draft(i).job];
        }
        std::vector<std::size_t> numbered;
        for (const std::size_t i : scope) {
            if (draft(i).name.empty() && unnamed[draft(i).job] > 1) {
                numbered.push_back(i);
                continue;
            }
            if (draft(i).name.empty()) draft(i).name = draft(i).job;
            take(draft(i), before, taken);
        }
        std::map<std::string, int> last;
        for (const std::size_t i : numbered) {
            do {
                draft(i).name = draft(i).job + "-" + std::to_string(++last[draft(i).job]);
            } while (taken.contains(before + draft(i).name));
            take(draft(i), before, taken);
        }
    }

    Draft& draft(std::size_t i) { return workflow_.jobs[i]; }

    void take(const Draft& draft, const std::string& before, Taken& taken) {
        const bool in_group = draft.job_group >= 0;
        take(before + draft.name, draft.name_at ? draft.name_at : draft.at,
             in_group ? "two jobs of this job group are" : "two jobs of this workflow are", taken);
    }

    // Whether it was free.
    bool take(const std::string& name, Value at, const std::string& what, Taken& taken) {
        const auto [first, fresh] = taken.emplace(name, at);
        if (fresh) return true;
        context_.report({.code = Code::duplicate_name,
                         .at = at,
                         .message = what + " called '" + name + "'",
                         .expected = "a 'name' of its own for each",
                         .notes = {Context::note("the other one", *first->second.node)}});
        return false;
    }

    Context& context_;
    WorkflowDraft& workflow_;
};

}  // namespace

void name_drafts(Context& context, WorkflowDraft& workflow) { Namer(context, workflow).run(); }

Edges resolve_requires(Context& context, WorkflowDraft& workflow) {
    Edges edges = Resolver(context, workflow).run();
    for (Draft& draft : workflow.jobs) {
        if (draft.job_group >= 0) draft.name = workflow.groups[scope_of(draft) - 1].name + "/" + draft.name;
    }
    report_cycles(context, workflow.jobs, edges);
    return edges;
}

}  // namespace gyre::config
