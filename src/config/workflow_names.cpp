#include "config/workflow_names.h"

#include <algorithm>
#include <map>
#include <set>

#include "config/nearest.h"

namespace gyre::config {
namespace {

constexpr std::size_t price_of_an_edge = 48;

using ByName = std::map<std::string, std::vector<std::size_t>, std::less<>>;

class Resolver {
public:
    Resolver(Context& context, std::vector<Draft>& drafts) : context_(context), drafts_(drafts) {
        for (std::size_t i = 0; i < drafts.size(); ++i) {
            by_name_[drafts[i].name].push_back(i);
            if (!drafts[i].group.empty()) {
                copies_[drafts[i].group].push_back(i);
            } else if (drafts[i].name != drafts[i].job && !drafts[i].name_at) {
                copies_[drafts[i].job].push_back(i);
            }
            if (!drafts[i].available) complete_ = false;
        }
    }

    Edges run() {
        Edges edges(drafts_.size());
        for (std::size_t i = 0; i < drafts_.size(); ++i) {
            for (const Requirement& one : drafts_[i].required) add(i, one, edges[i]);
            std::sort(edges[i].begin(), edges[i].end());
            edges[i].erase(std::unique(edges[i].begin(), edges[i].end()), edges[i].end());
        }
        return edges;
    }

private:
    void add(std::size_t job, const Requirement& required, std::vector<std::size_t>& edges) {
        if (const auto exact = by_name_.find(required.name); exact != by_name_.end()) {
            return add_edge(job, exact->second.front(), required, edges);
        }
        const auto copies = copies_.find(required.name);
        if (copies == copies_.end()) return report_unknown(required);
        const bool is_copy = drafts_[job].job == required.name && drafts_[job].group.empty();
        for (const std::size_t other : copies->second) {
            if (is_copy && other >= job) break;
            if (!context_.spend(price_of_an_edge, required.at)) return;
            add_edge(job, other, required, edges);
        }
    }

    void add_edge(std::size_t job, std::size_t other, const Requirement& required, std::vector<std::size_t>& edges) {
        edges.push_back(other);
        if (required.statuses != std::vector{JobStatus::success}) drafts_[job].statuses[other] = required.statuses;
    }

    void report_unknown(const Requirement& required) {
        if (!complete_ || context_.full()) return;  // what is missing may be what is not available yet
        std::vector<std::string> names;
        for (const Draft& draft : drafts_) names.push_back(draft.name);
        for (const auto& one : copies_) names.push_back(one.first);
        if (report_renamed(required)) return;
        const std::string suggestion = nearest(required.name, names);
        context_.report({.code = Code::unknown_requirement,
                         .at = required.at,
                         .message = "no job '" + required.name + "' in this workflow",
                         .expected = suggestion.empty() ? "the name of a job of the same workflow" : "",
                         .suggestion = suggestion});
    }

    // The name in `jobs` of an entry that has another one in the workflow.
    bool report_renamed(const Requirement& required) {
        const auto renamed = std::find_if(drafts_.begin(), drafts_.end(), [&](const Draft& one) {
            return one.job == required.name && one.name != required.name && one.name_at;
        });
        if (renamed == drafts_.end()) return false;
        context_.report({.code = Code::unknown_requirement,
                         .at = required.at,
                         .message = "in this workflow the job '" + required.name + "' has another name: '" +
                                    clipped(renamed->name, 60) + "'",
                         .suggestion = renamed->name,
                         .notes = {Context::note("named here", *renamed->name_at.node)}});
        return true;
    }

    Context& context_;
    std::vector<Draft>& drafts_;
    ByName by_name_;
    ByName copies_;  // by the name in `jobs` of those that got a suffix, by the group of those of a matrix
    bool complete_ = true;
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

}  // namespace

void name_drafts(Context& context, std::vector<Draft>& drafts) {
    std::map<std::string, int> unnamed;
    std::map<std::string, Value> taken;
    for (const Draft& draft : drafts) {
        if (draft.name.empty()) ++unnamed[draft.job];
    }
    const auto take = [&](const Draft& draft) {
        const Value at = draft.name_at ? draft.name_at : draft.at;
        const auto [first, fresh] = taken.emplace(draft.name, at);
        if (fresh) return;
        context.report({.code = Code::duplicate_name,
                        .at = at,
                        .message = "two jobs of this workflow are called '" + draft.name + "'",
                        .expected = "a 'name' of its own for each",
                        .notes = {Context::note("the other one", *first->second.node)}});
    };
    for (Draft& draft : drafts) {
        if (draft.name.empty() && unnamed[draft.job] == 1) draft.name = draft.job;
        if (!draft.name.empty()) take(draft);
    }
    std::map<std::string, int> last;
    for (Draft& draft : drafts) {
        if (!draft.name.empty()) continue;
        do {
            draft.name = draft.job + "-" + std::to_string(++last[draft.job]);
        } while (taken.contains(draft.name));
        take(draft);
    }
}

Edges resolve_requires(Context& context, std::vector<Draft>& drafts) {
    Edges edges = Resolver(context, drafts).run();
    const auto cycle = find_cycle(edges);
    if (!cycle.empty()) report_cycle(context, drafts, cycle);
    return edges;
}

}  // namespace gyre::config
