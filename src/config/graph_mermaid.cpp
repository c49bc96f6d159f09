#include "base/ascii.h"
#include "config/graph_drawing.h"

namespace gyre::config {
namespace {

// A text in quotes: what means something to mermaid stands as an entity.
std::string in_quotes(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        const bool plain = is_letter_or_digit(c) || std::string_view(" -_./*,():").find(c) != std::string_view::npos ||
                           (static_cast<unsigned char>(c) & 0x80U) != 0;
        if (plain) {
            out += c;
        } else {
            out += static_cast<unsigned char>(c) < 0x20 ? " " : "#" + std::to_string(static_cast<int>(c)) + ";";
        }
    }
    return out + "\"";
}

std::string id(std::size_t workflow, std::size_t job) {
    return "w" + std::to_string(workflow) + "j" + std::to_string(job);
}

std::string node(JobType type, std::string_view name) {
    if (type == JobType::approval) return "{{" + in_quotes(name) + "}}";
    return type == JobType::build ? "[" + in_quotes(name) + "]" : "([" + in_quotes(name) + "])";
}

// All jobs, those of a group in a box of its own.
std::string nodes(const WorkflowGraph& workflow, std::size_t w) {
    std::string text;
    int group = -1;
    const auto go_to = [&](int next) {
        if (group >= 0 && next != group) text += "    end\n";
        if (next >= 0 && next != group)
            text += "    subgraph w" + std::to_string(w) + "g" + std::to_string(next) + "[" +
                    in_quotes(workflow.groups[static_cast<std::size_t>(next)]) + "]\n";
        group = next;
    };
    for (std::size_t j = 0; j < workflow.jobs.size(); ++j) {
        const GraphJob& job = workflow.jobs[j];
        go_to(job.group);
        text += (group < 0 ? "    " : "      ") + id(w, j) + node(job.type, local_name(workflow, job)) + "\n";
    }
    go_to(-1);
    return text;
}

}  // namespace

std::string draw_mermaid(const std::vector<WorkflowGraph>& workflows) {
    std::string text = "flowchart LR\n";
    for (std::size_t w = 0; w < workflows.size(); ++w) {
        const WorkflowGraph& workflow = workflows[w];
        std::string title = workflow.name;
        for (const std::string& cron : workflow.schedules) title += " (" + cron + ")";
        text += "  subgraph w" + std::to_string(w) + "[" + in_quotes(title) + "]\n";
        text += nodes(workflow, w);
        for (std::size_t j = 0; j < workflow.jobs.size(); ++j) {
            for (const GraphJob::Required& one : workflow.jobs[j].required) {
                const std::string arrow = one.statuses.empty() ? " --> " : " -- " + in_quotes(one.statuses) + " --> ";
                text += "    " + id(w, one.job) + arrow + id(w, j) + "\n";
            }
        }
        text += "  end\n";
    }
    return text;
}

}  // namespace gyre::config
