#include <algorithm>

#include "config/executor.h"
#include "config/lint.h"
#include "config/steps.h"

namespace gyre::config {
namespace {

// Whether a complaint about a name has said that this one is meant: then it is not unused, only misspelled.
bool is_suggested(const Context& context, std::string_view name) {
    const auto& all = context.diagnostics();
    return std::any_of(all.begin(), all.end(), [&](const Diagnostic& one) { return one.suggestion == name; });
}

// Whether it has been said that the workflows are missing, or are under another key.
bool misses_workflows(const Context& context) {
    const auto& all = context.diagnostics();
    return std::any_of(all.begin(), all.end(), [](const Diagnostic& one) {
        return one.code == Code::missing_build_job || (one.code == Code::unknown_key && one.suggestion == "workflows");
    });
}

void warn_unused(Context& context, const Element& element, Code code, std::string message) {
    if (context.has_warned_enough() || is_suggested(context, element.name)) return;
    context.warn({.code = code, .at = element.key, .message = std::move(message)});
}

void check_unused_groups(Context& context, Elements& elements, Jobs& jobs) {
    for (auto& [name, group] : elements.groups) {
        if (context.has_warned_enough()) break;
        if (group.used || context.version == Version::v2) continue;
        check_group(context, group, jobs);
        if (!group.body.is(NodeKind::mapping) || is_suggested(context, name)) continue;
        context.warn({.code = Code::unused_job_group,
                      .at = group.key,
                      .message = "no workflow uses the job group '" + clipped(name, 60) + "'"});
    }
}

void check_unused_jobs(Context& context, Elements& elements, Jobs& jobs, bool known) {
    const bool said = !known || misses_workflows(context);
    for (auto& [name, job] : elements.jobs) {
        if (context.has_warned_enough()) break;
        if (job.used) continue;
        jobs.check(job);
        if (said || !job.body.is(NodeKind::mapping)) continue;
        warn_unused(context, job, Code::unused_job,
                    elements.is_orb ? "nothing uses the job '" + clipped(job.name, 60) + "'"
                                    : "no workflow uses the job '" + clipped(name, 60) + "'");
    }
}

// Those of orbs that are written in the config, too: nobody else can use them.
void check_unused_definitions(Context& context, Elements& elements, Jobs& jobs, bool known) {
    check_unused_groups(context, elements, jobs);
    check_unused_jobs(context, elements, jobs, known);
    for (auto& [name, command] : elements.commands) {
        if (context.has_warned_enough()) break;
        if (command.used) continue;
        std::vector<Step> steps;
        read_command(context, command, enter_uncalled(context, command), steps);
        warn_unused(context, command, Code::unused_command,
                    "nothing uses the command '" + clipped(command.name, 60) + "'");
    }
    for (auto& [name, executor] : elements.executors) {
        if (context.has_warned_enough()) break;
        if (executor.used) continue;
        read_executor_definition(context, executor, enter_uncalled(context, executor));
        warn_unused(context, executor, Code::unused_executor,
                    "nothing uses the executor '" + clipped(executor.name, 60) + "'");
    }
    for (auto& [alias, orb] : elements.orbs) {
        if (orb.is_inline && orb.used && orb.elements != nullptr)
            check_unused_definitions(context, *orb.elements, jobs, known);
    }
}

void check_parameters(Context& context, const std::vector<Parameter>& parameters, const std::string& owner) {
    for (const Parameter& one : parameters) {
        if (context.has_warned_enough()) return;
        if (one.used) continue;
        context.warn({.code = Code::unused_parameter,
                      .at = one.key,
                      .message = "nothing refers to the parameter '" + clipped(one.name, 60) + "' of " + owner});
    }
}

// Of what is used: the body of anything else has been called unused as a whole.
void check_parameters(Context& context, Elements& elements) {
    for (const ElementKind kind : {ElementKind::command, ElementKind::executor, ElementKind::job}) {
        for (const auto& [name, element] : elements.of(kind)) {
            if (element.used) check_parameters(context, element);
        }
    }
}

void check_orbs(Context& context, Elements& elements) {
    check_parameters(context, elements);
    for (const auto& [alias, orb] : elements.orbs) {
        if (context.has_warned_enough()) return;
        if (orb.elements == nullptr) continue;
        if (!orb.used) {
            context.warn({.code = Code::unused_orb,
                          .at = orb.key,
                          .message = "nothing uses the orb '" + clipped(alias, 60) + "'"});
        } else {
            check_orbs(context, *orb.elements);
        }
    }
}

}  // namespace

void check_parameters(Context& context, const Element& element) {
    const std::string owner = "the " + std::string(name_of(element.kind)) + " '" + clipped(element.name, 60) + "'";
    check_parameters(context, element.parameters, owner);
}

void check_unused(Context& context, Elements& elements, const std::vector<Parameter>& pipeline, Jobs& jobs,
                  bool known) {
    if (context.is_exhausted()) return;
    context.unused = known;
    check_unused_definitions(context, elements, jobs, known);
    context.unused = false;
    if (has_errors(context.diagnostics())) return;  // what is broken may be what would use them
    check_parameters(context, pipeline, "the pipeline");
    check_orbs(context, elements);
}

}  // namespace gyre::config
