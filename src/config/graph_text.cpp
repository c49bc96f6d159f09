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

// "after a, b", in lines that begin at `indent`; the first one is there up to that column.
std::string listed(std::string text, const std::vector<std::string>& words, std::size_t indent) {
    const std::size_t margin = indent + terminal_columns(text);
    std::size_t column = margin;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string word = words[i] + (i + 1 < words.size() ? "," : "");
        if (i > 0 && column + 1 + terminal_columns(word) > width) {
            text += "\n" + std::string(margin, ' ');
            column = margin;
        } else if (i > 0) {
            text += " ";
            ++column;
        }
        text += word;
        column += terminal_columns(word);
    }
    return text;
}

// "after a, b (failed)"
std::string after(const WorkflowGraph& workflow, const GraphJob& job, std::size_t indent) {
    std::vector<std::string> words;
    for (const GraphJob::Required& one : job.required)
        words.push_back(terminal_line(workflow.jobs[one.job].name) +
                        (one.statuses.empty() ? "" : " (" + one.statuses + ")"));
    return listed("after ", words, indent);
}

// Which jobs a workflow holds together.
std::string lines_of_groups(const WorkflowGraph& workflow) {
    std::vector<std::vector<std::string>> jobs(workflow.groups.size());
    for (const GraphJob& job : workflow.jobs) {
        if (job.group < 0) continue;
        jobs[static_cast<std::size_t>(job.group)].push_back(terminal_line(local_name(workflow, job)));
    }
    std::string text;
    for (std::size_t i = 0; i < jobs.size(); ++i) {
        const std::string start = "group " + terminal_line(workflow.groups[i]) + ": ";
        text += "  " + listed(start, jobs[i], 2) + "\n";
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
    return text + lines_of_groups(workflow);
}

}  // namespace

std::string draw_text(const std::vector<WorkflowGraph>& workflows) {
    std::string text;
    for (const WorkflowGraph& one : workflows) text += (text.empty() ? "" : "\n") + draw(one);
    return text;
}

}  // namespace gyre::config
