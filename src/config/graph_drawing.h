#pragma once

// The workflows of a config as drawings for people: what runs after what. With a branch or a tag in the input, what
// runs for it; without, everything. Workflows whose condition does not hold are left out.

#include <optional>
#include <string>
#include <vector>

#include "config/compile.h"

namespace gyre::config {

struct GraphJob {
    std::string name;
    JobType type = JobType::build;
    int level = 0;   // the longest way from a job that requires nothing
    int group = -1;  // place among the groups; its jobs stand together
    struct Required {
        std::size_t job = 0;   // place among the jobs
        std::string statuses;  // "failed, canceled"; empty: success
    };
    std::vector<Required> required;
};

struct WorkflowGraph {
    std::string name;
    std::vector<std::string> schedules;  // cron lines; with some a push does not start it
    std::vector<GraphJob> jobs;          // as in the config
    std::vector<std::string> groups;     // job groups of which jobs are here; those are called group/job
};

struct GraphResult {
    std::optional<std::vector<WorkflowGraph>> workflows;  // absent exactly when a diagnostic is an error
    std::vector<Diagnostic> diagnostics;
};

// Within its group.
std::string_view local_name(const WorkflowGraph& workflow, const GraphJob& job);

GraphResult graph(std::string_view text, const CompileInput& input, const CompileLimits& limits = {});

// By levels, at most 80 columns wide as far as the names allow.
std::string draw_text(const std::vector<WorkflowGraph>& workflows);
// A flowchart in the language of mermaid.
std::string draw_mermaid(const std::vector<WorkflowGraph>& workflows);

}  // namespace gyre::config
