#include <algorithm>
#include <map>

#include "base/terminal_text.h"
#include "base/terminal_width.h"
#include "config/graph_drawing.h"

namespace gyre::config {
namespace {

constexpr std::size_t width = 80;
constexpr std::size_t widest_name = 36;  // longer names push what follows to the next line

std::string label(const GraphJob& job) {
    if (job.type == JobType::build) return terminal_line(job.name);
    return terminal_line(job.name) + " (" + std::string(name_of(job.type)) + ")";
}

// "after a, b (failed)", in lines that begin at `indent`; the first one is there up to that column.
std::string after(const WorkflowGraph& workflow, const GraphJob& job, std::size_t indent) {
    std::string text = "after ";
    std::size_t column = indent + text.size();
    for (std::size_t i = 0; i < job.required.size(); ++i) {
        const GraphJob::Required& one = job.required[i];
        std::string word = terminal_line(workflow.jobs[one.job].name);
        if (!one.statuses.empty()) word += " (" + one.statuses + ")";
        if (i + 1 < job.required.size()) word += ",";
        const bool first = i == 0;
        if (!first && column + 1 + terminal_columns(word) > width) {
            text += "\n" + std::string(indent + 6, ' ');
            column = indent + 6;
        } else if (!first) {
            text += " ";
            ++column;
        }
        text += word;
        column += terminal_columns(word);
    }
    return text;
}

// The columns of names, and where what they wait for begins.
struct Layout {
    std::size_t number = 1;
    std::size_t name = 0;
    std::size_t indent() const { return 2 + number + 2 + name + 2; }
};

std::string line_of(const WorkflowGraph& workflow, const GraphJob& job, bool first_of_level, const Layout& layout) {
    const std::string number = first_of_level ? std::to_string(job.level + 1) : "";
    const std::string name = label(job);
    std::string text = "  " + std::string(layout.number - number.size(), ' ') + number + "  " + name;
    if (!job.required.empty()) {
        const bool fits = terminal_columns(name) <= layout.name;
        text += fits ? std::string(layout.name - terminal_columns(name) + 2, ' ')
                     : "\n" + std::string(layout.indent(), ' ');
        text += after(workflow, job, layout.indent());
    }
    return text + "\n";
}

std::string draw(const WorkflowGraph& workflow) {
    std::string text = terminal_line(workflow.name) + "\n";
    for (const std::string& cron : workflow.schedules) text += "  scheduled: " + terminal_line(cron) + "\n";
    Layout layout;
    std::map<int, std::vector<const GraphJob*>> levels;
    for (const GraphJob& job : workflow.jobs) {
        const std::size_t own = terminal_columns(label(job));
        if (own <= widest_name) layout.name = std::max(layout.name, own);
        levels[job.level].push_back(&job);
    }
    layout.number = std::to_string(levels.size()).size();
    for (const auto& [level, jobs] : levels) {
        for (const GraphJob* job : jobs) text += line_of(workflow, *job, job == jobs.front(), layout);
    }
    return text;
}

}  // namespace

std::string draw_text(const std::vector<WorkflowGraph>& workflows) {
    std::string text;
    for (const WorkflowGraph& one : workflows) text += (text.empty() ? "" : "\n") + draw(one);
    return text;
}

}  // namespace gyre::config
