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

WorkflowGraph graph_of(Context& context, const WorkflowDraft& workflow) {
    WorkflowGraph graph{.name = workflow.name};
    for (const Schedule& one : workflow.schedules) graph.schedules.push_back(one.cron);
    std::vector<bool> runs;
    for (const Draft& draft : workflow.jobs) runs.push_back(passes(context, draft.filters));
    Edges edges = workflow.edges;
    drop_filtered(edges, runs);
    std::vector<std::size_t> places(workflow.jobs.size());
    for (std::size_t i = 0; i < workflow.jobs.size(); ++i) {
        runs[i] = runs[i] && workflow.jobs[i].available;
        if (!runs[i]) continue;
        places[i] = graph.jobs.size();
        graph.jobs.push_back({.name = workflow.jobs[i].name, .type = workflow.jobs[i].type});
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
