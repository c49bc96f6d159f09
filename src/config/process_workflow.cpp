#include <algorithm>

#include "config/process_parts.h"
#include "config/status_words.h"

namespace gyre::config {
namespace {

Yaml yaml_of(const std::vector<WrittenPattern>& patterns) {
    Yaml list = Yaml::list();
    for (const WrittenPattern& one : patterns) list.add(Yaml::of_text(one.at->text));
    return list;
}

Yaml yaml_of(const RefFilter& filter) {
    Yaml mapping = Yaml::mapping();
    if (filter.only) mapping.set("only", yaml_of(*filter.only));
    if (filter.ignore) mapping.set("ignore", yaml_of(*filter.ignore));
    return mapping;
}

Yaml decided_filters(bool run) {
    const auto all = [](const char* key) { return Yaml::mapping().set(key, Yaml::of_texts({"/.*/"})); };
    if (!run) return Yaml::mapping().set("branches", all("ignore"));
    return Yaml::mapping().set("branches", all("only")).set("tags", all("only"));
}

Yaml yaml_of(const Filters& filters) {
    if (filters.decided) return decided_filters(*filters.decided);
    Yaml mapping = Yaml::mapping();
    if (filters.branches) mapping.set("branches", yaml_of(*filters.branches));
    if (filters.tags) mapping.set("tags", yaml_of(*filters.tags));
    return mapping;
}

const GroupDraft& group_of(const WorkflowDraft& workflow, std::size_t job) {
    return workflow.groups[static_cast<std::size_t>(workflow.jobs[job].job_group)];
}

// As `requires` has it: in its group, or in the workflow.
std::string local_name(const WorkflowDraft& workflow, std::size_t job) {
    const std::string& name = workflow.jobs[job].name;
    return workflow.jobs[job].job_group < 0 ? name : name.substr(group_of(workflow, job).name.size() + 1);
}

// What the job requires within its group (or the workflow), or of what is outside of it.
Yaml required(const WorkflowDraft& workflow, std::size_t job, bool outside) {
    Yaml list = Yaml::list();
    const Draft& draft = workflow.jobs[job];
    int last_group = -1;
    for (const std::size_t other : workflow.edges[job]) {
        const int group = workflow.jobs[other].job_group;
        const bool is_group = group >= 0 && group != draft.job_group;
        if (outside == (group == draft.job_group) || (is_group && group == last_group)) continue;
        last_group = group;
        const std::string name = is_group ? group_of(workflow, other).name : local_name(workflow, other);
        const auto special = draft.statuses.find(other);
        if (special == draft.statuses.end()) {
            list.add(Yaml::of_text(name));
        } else {
            list.add(Yaml::mapping().set(name, Yaml::of_texts(words_of(special->second))));
        }
    }
    return list;
}

void set_requires(Yaml& options, Yaml required) {
    if (!required.items.empty()) options.set("requires", std::move(required));
}

void set_filters(Yaml& options, const Filters& written) {
    Yaml filters = yaml_of(written);
    if (!filters.items.empty()) options.set("filters", std::move(filters));
}

Yaml entry_with(const std::string& key, Yaml options) {
    return options.items.empty() ? Yaml::of_text(key) : Yaml::mapping().set(key, std::move(options));
}

Yaml entry_of(const WorkflowDraft& workflow, std::size_t job, Jobs& jobs) {
    const Draft& draft = workflow.jobs[job];
    const std::string name = local_name(workflow, job);
    const std::string& key = draft.made < 0 ? name : jobs.at(draft.made).spec.name;
    Yaml options = Yaml::mapping();
    if (key != name) options.set("name", Yaml::of_text(name));
    if (draft.made < 0) options.set("type", Yaml::of_text(std::string(name_of(draft.type))));
    Yaml all = required(workflow, job, false);
    if (draft.job_group < 0) {
        for (Yaml& one : required(workflow, job, true).items) all.add(std::move(one));
    }
    set_requires(options, std::move(all));
    if (!draft.contexts.empty()) options.set("context", Yaml::of_texts(draft.contexts));
    set_filters(options, draft.filters);
    options.set_unless_empty("serial-group", draft.serial_group);
    return entry_with(key, std::move(options));
}

// Of the first job of a group: what the group requires is required by those that require none of its jobs.
Yaml group_entry(const WorkflowDraft& workflow, std::size_t first) {
    const GroupDraft& group = group_of(workflow, first);
    Yaml options = Yaml::mapping();
    if (group.name != group.definition) options.set("name", Yaml::of_text(group.name));
    for (std::size_t i = first;
         i < workflow.jobs.size() && workflow.jobs[i].job_group == workflow.jobs[first].job_group; ++i) {
        if (!required(workflow, i, false).items.empty()) continue;
        set_requires(options, required(workflow, i, true));
        break;
    }
    set_filters(options, group.filters);
    options.set_unless_empty("serial-group", group.serial_group);
    return entry_with(group.definition, std::move(options));
}

bool begins_group(const WorkflowDraft& workflow, std::size_t job) {
    const int group = workflow.jobs[job].job_group;
    return group >= 0 && (job == 0 || workflow.jobs[job - 1].job_group != group);
}

Yaml yaml_of(const Schedule& schedule) {
    Yaml filters = Yaml::mapping().set("branches", yaml_of(schedule.branches));
    Yaml keys = Yaml::mapping().set("cron", Yaml::of_text(schedule.cron)).set("filters", std::move(filters));
    return Yaml::mapping().set("schedule", std::move(keys));
}

}  // namespace

Yaml yaml_of(const WorkflowDraft& workflow, Jobs& jobs) {
    Yaml body = Yaml::mapping();
    if (workflow.scheduled) {
        Yaml triggers = Yaml::list();
        for (const Schedule& one : workflow.schedules) triggers.add(yaml_of(one));
        body.set("triggers", std::move(triggers));
    }
    if (workflow.max_auto_reruns > 0) {
        body.set("max_auto_reruns", Yaml::of_word(std::to_string(workflow.max_auto_reruns)));
    }
    Yaml entries = Yaml::list();
    for (std::size_t i = 0; i < workflow.jobs.size(); ++i) {
        if (begins_group(workflow, i)) entries.add(group_entry(workflow, i));
        if (workflow.jobs[i].available && workflow.jobs[i].job_group < 0) entries.add(entry_of(workflow, i, jobs));
    }
    return body.set("jobs", std::move(entries));
}

void add_groups(Yaml& section, const WorkflowDraft& workflow, Jobs& jobs) {
    for (std::size_t i = 0; i < workflow.jobs.size();) {
        const bool begins = begins_group(workflow, i);
        const std::size_t first = i++;
        if (!begins) continue;
        const std::string& name = group_of(workflow, first).definition;
        if (std::find(section.keys.begin(), section.keys.end(), name) != section.keys.end()) continue;
        Yaml entries = Yaml::list().add(entry_of(workflow, first, jobs));
        for (; i < workflow.jobs.size() && workflow.jobs[i].job_group == workflow.jobs[first].job_group; ++i)
            entries.add(entry_of(workflow, i, jobs));
        section.set(name, Yaml::mapping().set("jobs", std::move(entries)));
    }
}

}  // namespace gyre::config
