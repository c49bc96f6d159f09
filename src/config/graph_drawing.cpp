#include "config/graph_drawing.h"

#include <algorithm>

#include "config/expansion.h"
#include "config/status_words.h"

namespace gyre::config {
namespace {

std::string statuses_of_edge(const Draft& draft, std::size_t other) {
    const auto statuses = draft.statuses.find(other);
    if (statuses == draft.statuses.end()) return {};
    std::string text;
    for (const std::string& one : words_of(statuses->second)) text += (text.empty() ? "" : ", ") + one;
    return text.empty() ? "nothing" : text;
}

// Levels by waves: each job once all that it requires have theirs.
void set_levels(std::vector<GraphJob>& jobs) {
    std::vector<std::vector<std::size_t>> dependants(jobs.size());
    std::vector<std::size_t> missing(jobs.size());
    std::vector<std::size_t> ready;
    for (std::size_t i = 0; i < jobs.size(); ++i) {
        for (const GraphJob::Required& one : jobs[i].required) dependants[one.job].push_back(i);
        missing[i] = jobs[i].required.size();
        if (missing[i] == 0) ready.push_back(i);
    }
    for (std::size_t next = 0; next < ready.size(); ++next) {
        const std::size_t job = ready[next];
        for (const std::size_t other : dependants[job]) {
            jobs[other].level = std::max(jobs[other].level, jobs[job].level + 1);
            if (--missing[other] == 0) ready.push_back(other);
        }
    }
}

bool passes_all(Context& context, const WorkflowDraft& workflow, const Draft& draft) {
    const auto filters = filters_of(workflow, draft);
    return std::all_of(filters.begin(), filters.end(), [&](const Filters* one) { return passes(context, *one); });
}

// The job's place among the groups that are drawn; `drawn` has those of all groups.
int group_in(WorkflowGraph& graph, const WorkflowDraft& workflow, const Draft& draft, std::vector<int>& drawn) {
    if (draft.job_group < 0) return -1;
    int& place = drawn[static_cast<std::size_t>(draft.job_group)];
    if (place < 0) {
        place = static_cast<int>(graph.groups.size());
        graph.groups.push_back(workflow.groups[static_cast<std::size_t>(draft.job_group)].name);
    }
    return place;
}

WorkflowGraph graph_of(Context& context, const WorkflowDraft& workflow) {
    WorkflowGraph graph{.name = workflow.name};
    for (const Schedule& one : workflow.schedules) graph.schedules.push_back(one.cron);
    std::vector<bool> runs;
    for (const Draft& draft : workflow.jobs) runs.push_back(passes_all(context, workflow, draft));
    Edges edges = workflow.edges;
    drop_filtered(edges, runs);
    std::vector<std::size_t> places(workflow.jobs.size());
    std::vector<int> drawn(workflow.groups.size(), -1);
    for (std::size_t i = 0; i < workflow.jobs.size(); ++i) {
        runs[i] = runs[i] && workflow.jobs[i].available;
        if (!runs[i]) continue;
        places[i] = graph.jobs.size();
        const Draft& draft = workflow.jobs[i];
        graph.jobs.push_back(
            {.name = draft.name, .type = draft.type, .group = group_in(graph, workflow, draft, drawn)});
    }
    for (std::size_t i = 0; i < workflow.jobs.size(); ++i) {
        for (const std::size_t other : edges[i]) {
            if (!runs[i] || !runs[other]) continue;
            graph.jobs[places[i]].required.push_back({places[other], statuses_of_edge(workflow.jobs[i], other)});
        }
    }
    set_levels(graph.jobs);
    return graph;
}

}  // namespace

std::string_view local_name(const WorkflowGraph& workflow, const GraphJob& job) {
    const std::string_view name = job.name;
    return job.group < 0 ? name : name.substr(workflow.groups[static_cast<std::size_t>(job.group)].size() + 1);
}

GraphResult graph(std::string_view text, const CompileInput& input, const CompileLimits& limits) {
    GraphResult result;
    result.diagnostics = expand(text, input, limits, [&](Context& context, Expansion& expansion) {
        result.workflows.emplace();
        for (const WorkflowDraft& workflow : expansion.workflows) {
            if (!workflow.runs) continue;
            WorkflowGraph drawn = graph_of(context, workflow);
            if (!drawn.jobs.empty()) result.workflows->push_back(std::move(drawn));
        }
    });
    if (has_errors(result.diagnostics)) result.workflows.reset();
    return result;
}

}  // namespace gyre::config
