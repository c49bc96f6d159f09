#include "config/process.h"

#include <set>

#include "config/process_parts.h"

namespace gyre::config {
namespace {

Yaml jobs_section(const std::vector<WorkflowDraft>& workflows, Jobs& jobs) {
    Yaml section = Yaml::mapping();
    std::set<int> written;
    for (const WorkflowDraft& workflow : workflows) {
        if (!workflow.runs) continue;
        for (const Draft& draft : workflow.jobs) {
            if (draft.made < 0 || !written.insert(draft.made).second) continue;
            const MadeJob& job = jobs.at(draft.made);
            section.set(job.spec.name, yaml_of(job));
        }
    }
    return section;
}

Yaml groups_section(const std::vector<WorkflowDraft>& workflows, Jobs& jobs) {
    Yaml section = Yaml::mapping();
    for (const WorkflowDraft& workflow : workflows) {
        if (workflow.runs) add_groups(section, workflow, jobs);
    }
    return section;
}

Yaml workflows_section(const std::vector<WorkflowDraft>& workflows, Jobs& jobs) {
    Yaml section = Yaml::mapping().set("version", Yaml::of_word("2"));
    for (const WorkflowDraft& workflow : workflows) {
        if (workflow.runs) section.set(workflow.name, yaml_of(workflow, jobs));
    }
    return section;
}

}  // namespace

ProcessResult process(std::string_view text, const CompileInput& input, const CompileLimits& limits) {
    ProcessResult result;
    result.diagnostics = expand(text, input, limits, [&](Context& context, Expansion& expansion) {
        Yaml config = Yaml::mapping().set("version", Yaml::of_word("2"));
        if (expansion.setup) config.set("setup", Yaml::of_word("true"));
        config.set("jobs", jobs_section(expansion.workflows, expansion.jobs));
        Yaml groups = groups_section(expansion.workflows, expansion.jobs);
        if (!groups.items.empty()) config.set("job-groups", std::move(groups));
        config.set("workflows", workflows_section(expansion.workflows, expansion.jobs));
        result.text = write_yaml(config);
        result.orbs = context.orbs;
    });
    if (has_errors(result.diagnostics)) result.text.reset();
    return result;
}

std::string orbs_comment(const std::vector<ResolvedOrb>& orbs) {
    std::string text;
    for (const ResolvedOrb& orb : orbs) {
        text += "# orb " + orb.name + "@" + orb.asked + " is " + orb.version + "\n";
    }
    return text;
}

}  // namespace gyre::config
