#include "config/workflow_group.h"

#include <algorithm>
#include <array>

#include "config/fields.h"
#include "config/nearest.h"
#include "config/workflow.h"
#include "config/workflow_names.h"

namespace gyre::config {
namespace {

// The name and the options (which may be null) of an entry; no name where it has not the form of one.
struct NamedEntry {
    Value name;
    const Entry* options = nullptr;
};

NamedEntry named(Context& context, Value entry) {
    if (entry.is(NodeKind::scalar)) return {entry, nullptr};
    if (!entry.is(NodeKind::mapping) || entry->entries.size() != 1) return {};
    return {context.key_of(entry, entry->entries.front()), &entry->entries.front()};
}

bool is_approval(const NamedEntry& entry) {
    if (entry.options == nullptr || entry.options->value.node->kind != NodeKind::mapping) return false;
    const Entry* type = entry.options->value.node->find("type");
    return type != nullptr && type->value.node->text == "approval";
}

// The group that the entry stands for; null: it is one of a job. A job goes before a group of the same name.
JobGroup* group_of(const NamedEntry& entry) {
    if (!entry.name || is_approval(entry)) return nullptr;
    Elements& elements = *entry.name.scope->elements;
    const auto found = elements.groups.find(entry.name->text);
    return found == elements.groups.end() || elements.jobs.contains(entry.name->text) ? nullptr : &found->second;
}

void report_wrong_key(Context& context, Value key) {
    constexpr std::array of_jobs{"context", "matrix", "pre-steps", "post-steps", "override-with"};
    Problem problem{.code = Code::bad_job_group, .at = key, .message = "", .expected = ""};
    const std::string quoted = "'" + clipped(key->text, 60) + "'";
    if (std::find(of_jobs.begin(), of_jobs.end(), key->text) != of_jobs.end()) {
        problem.message = "a job group takes no " + quoted;
        problem.expected = quoted + " in the entries of its jobs, under 'job-groups'";
    } else if (key->text == "type") {
        problem.message = "a job group has no 'type'";
        problem.expected = "an entry without it; a job of the group may have 'type: approval'";
    } else {
        problem.message = "a job group takes no arguments, and " + quoted + " is none of its keys";
        problem.suggestion = nearest(key->text, {"requires", "name", "filters", "serial-group"});
        if (problem.suggestion.empty())
            problem.expected =
                "arguments in the entries of its jobs, under 'job-groups'; here requires, name, filters "
                "or serial-group";
    }
    context.report(std::move(problem));
}

void check_keys(Context& context, Value options) {
    if (!options.is(NodeKind::mapping)) return;
    for (const Entry& entry : options->entries) {
        if (context.full()) return;
        if (keys::group_entry.find(entry.key->text) == nullptr)
            report_wrong_key(context, context.key_of(options, entry));
    }
}

// Reads the jobs of one group.
class MemberReader {
public:
    MemberReader(Context& context, const JobGroup& group, Jobs& jobs, WorkflowDraft& workflow)
        : context_(context), group_(group), jobs_(jobs), workflow_(workflow) {}

    void read() {
        const Fields fields(context_, group_.body, keys::job_group, group_.key);
        const Value list = fields.get("jobs");
        if (list && list->items.empty()) {
            context_.report({.code = Code::bad_job_group,
                             .at = list,
                             .message = "the job group '" + clipped(group_.key->text, 60) + "' has no jobs",
                             .expected = "at least one job, as in a workflow"});
        }
        const std::size_t first = workflow_.jobs.size();
        for (const Value entry : context_.items(list)) {
            if (context_.is_exhausted()) break;
            read_member(entry);
        }
        for (std::size_t i = first; i < workflow_.jobs.size(); ++i)
            workflow_.jobs[i].job_group = static_cast<int>(workflow_.groups.size()) - 1;
    }

private:
    void read_member(Value entry) {
        const NamedEntry member = named(context_, entry);
        if (group_of(member) != nullptr) return report_nested(member.name);
        const std::size_t first = workflow_.jobs.size();
        read_workflow_job(context_, entry, jobs_, workflow_.jobs);
        if (first == workflow_.jobs.size() || workflow_.jobs[first].serial_group.empty()) return;
        report_serial_group(entry);
        for (std::size_t i = first; i < workflow_.jobs.size(); ++i) workflow_.jobs[i].serial_group.clear();
    }

    void report_nested(Value name) {
        context_.report(
            {.code = Code::bad_job_group,
             .at = name,
             .message = "'" + clipped(name->text, 60) + "' is a job group: groups hold jobs, not other groups",
             .expected = "its jobs, each with an entry of its own"});
        workflow_.jobs.push_back({.at = name, .job = name->text, .available = false});
    }

    void report_serial_group(Value entry) {
        const Value options = context_.value_of(entry, entry->entries.front());
        const Entry* key = options.is(NodeKind::mapping) ? options->find("serial-group") : nullptr;
        context_.report({.code = Code::bad_job_group,
                         .at = key == nullptr ? entry : context_.key_of(options, *key),
                         .message = "a job of a group has no 'serial-group' of its own",
                         .expected = "'serial-group' at the group's entry in the workflow: the whole group holds it"});
    }

    Context& context_;
    const JobGroup& group_;
    Jobs& jobs_;
    WorkflowDraft& workflow_;
};

void read_group_entry(Context& context, Value entry, const NamedEntry& named, JobGroup& group, Jobs& jobs,
                      WorkflowDraft& workflow) {
    group.used = true;
    const Value options = named.options == nullptr ? Value{} : context.value_of(entry, *named.options);
    check_keys(context, options);
    const Fields fields(context, options, keys::group_entry, named.name, true);
    GroupDraft draft{.at = named.name, .definition = named.name->text};
    draft.name = fields.text("name", draft.definition);
    draft.name_at = fields.get("name");
    draft.required = read_requires(context, fields);
    draft.filters = read_filters(context, fields.get("filters"));
    draft.serial_group = read_serial_group(context, fields);
    context.spend(sizeof(GroupDraft), named.name);
    workflow.groups.push_back(std::move(draft));
    MemberReader(context, group, jobs, workflow).read();
}

bool is_written(const Filters& filters) { return filters.branches || filters.tags || filters.decided; }

bool has_form_of_a_group(const Node& body) {
    const Entry* jobs = body.kind == NodeKind::mapping ? body.find("jobs") : nullptr;
    return jobs != nullptr && body.entries.size() == 1 && jobs->value.node->kind == NodeKind::sequence;
}

}  // namespace

void read_groups(Context& context, Value root, Elements& elements) {
    const Entry* section = root->find("job-groups");
    if (section == nullptr) return;
    const bool old = context.version == Version::v2;
    if (old && section->value.node->kind != NodeKind::mapping) return;
    const Value groups = context.value_of(root, *section);
    if (!groups.is(NodeKind::mapping)) return;
    for (const Entry& entry : groups->entries) {
        if (old && !has_form_of_a_group(*entry.value.node)) continue;
        const Value body = context.value_of(groups, entry);
        if (!body || !context.spend(sizeof(JobGroup), body)) return;
        const Value key = context.key_of(groups, entry);
        const auto job = elements.jobs.find(key->text);
        const bool clashes = !old && job != elements.jobs.end();
        elements.groups.emplace(key->text, JobGroup{.key = key, .body = body, .used = clashes});
        if (!clashes) continue;
        context.report({.code = Code::duplicate_job,
                        .at = key,
                        .message = "a job and a job group are both called '" + clipped(key->text, 60) + "'",
                        .expected = "another name for one of them: workflows use both by their names",
                        .notes = {Context::note("the job", *job->second.key.node)}});
    }
}

void read_workflow_entry(Context& context, Value entry, Jobs& jobs, WorkflowDraft& workflow) {
    const NamedEntry one = named(context, entry);
    if (JobGroup* group = group_of(one)) return read_group_entry(context, entry, one, *group, jobs, workflow);
    read_workflow_job(context, entry, jobs, workflow.jobs);
}

void check_group(Context& context, JobGroup& group, Jobs& jobs) {
    WorkflowDraft workflow;
    workflow.groups.push_back({.at = group.key, .definition = group.key->text, .name = group.key->text});
    MemberReader(context, group, jobs, workflow).read();
    name_drafts(context, workflow);
    resolve_requires(context, workflow);
}

std::vector<const Filters*> filters_of(const WorkflowDraft& workflow, const Draft& draft) {
    std::vector<const Filters*> all{&draft.filters};
    if (draft.job_group < 0) return all;
    const Filters& of_group = workflow.groups[static_cast<std::size_t>(draft.job_group)].filters;
    if (is_written(of_group)) all.push_back(&of_group);
    if (all.size() > 1 && !is_written(draft.filters)) all.erase(all.begin());
    return all;
}

}  // namespace gyre::config
