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

Yaml required(const WorkflowDraft& workflow, std::size_t job) {
    Yaml list = Yaml::list();
    const auto& statuses = workflow.jobs[job].statuses;
    for (const std::size_t other : workflow.edges[job]) {
        const std::string& name = workflow.jobs[other].name;
        const auto special = statuses.find(other);
        if (special == statuses.end()) {
            list.add(Yaml::of_text(name));
        } else {
            list.add(Yaml::mapping().set(name, Yaml::of_texts(words_of(special->second))));
        }
    }
    return list;
}

Yaml entry_of(const WorkflowDraft& workflow, std::size_t job, Jobs& jobs) {
    const Draft& draft = workflow.jobs[job];
    const std::string& key = draft.made < 0 ? draft.name : jobs.at(draft.made).spec.name;
    Yaml options = Yaml::mapping();
    if (key != draft.name) options.set("name", Yaml::of_text(draft.name));
    if (draft.made < 0) options.set("type", Yaml::of_text(std::string(name_of(draft.type))));
    if (!workflow.edges[job].empty()) options.set("requires", required(workflow, job));
    if (!draft.contexts.empty()) options.set("context", Yaml::of_texts(draft.contexts));
    Yaml filters = yaml_of(draft.filters);
    if (!filters.items.empty()) options.set("filters", std::move(filters));
    options.set_unless_empty("serial-group", draft.serial_group);
    if (options.items.empty()) return Yaml::of_text(key);
    return Yaml::mapping().set(key, std::move(options));
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
        if (workflow.jobs[i].available) entries.add(entry_of(workflow, i, jobs));
    }
    return body.set("jobs", std::move(entries));
}

}  // namespace gyre::config
