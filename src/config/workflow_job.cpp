#include "config/workflow_job.h"

#include <set>

#include "config/fields.h"
#include "config/nearest.h"

namespace gyre::config {
namespace {

// `{name: status}`, the form of 2.1: success is what every requirement means here.
void read_conditional_requirement(Context& context, Value item, std::vector<Requirement>& required) {
    for (const Entry& entry : item->entries) {
        const Value status = context.value_of(item, entry);
        const Value key = context.key_of(item, entry);
        if (status.is(NodeKind::scalar) && status->text == "success") {
            required.push_back({context.text(key), key});
        } else {
            context.not_yet("requirements with a status other than success", key);
        }
    }
}

std::vector<Requirement> read_requires(Context& context, const Fields& fields) {
    std::vector<Requirement> required;
    for (const Value item : context.items(fields.get("requires"))) {
        context.spend(sizeof(Requirement), item);
        if (item.is(NodeKind::scalar)) {
            Requirement one{context.text(item), item};
            if (!one.name.empty() || item->text.empty()) required.push_back(std::move(one));
        } else if (item.is(NodeKind::mapping)) {
            read_conditional_requirement(context, item, required);
        } else {
            report_wrong_type(context, item, "each item of 'requires'", shape::text);
        }
    }
    return required;
}

JobType read_type(Context& context, const Fields& fields) {
    const std::string type = fields.text("type");
    if (type.empty() || type == "approval") return type.empty() ? JobType::build : JobType::approval;
    context.report({.code = Code::bad_value,
                    .at = fields.get("type"),
                    .message = "a workflow can give a job the type 'approval' only",
                    .expected = "approval",
                    .suggestion = nearest(type, {"approval"})});
    return JobType::build;
}

void check_job_exists(Context& context, Draft& draft, Jobs& jobs) {
    ReadJob* job = jobs.find(draft.job);
    if (draft.type == JobType::approval) {
        if (job == nullptr) return;
        job->used = true;
        context.warn(
            {.code = Code::ignored_key,
             .at = draft.at,
             .message = "an approval job runs nothing: the job '" + draft.job + "' defined in 'jobs' is not used",
             .notes = {Context::note("defined here", *job->key.node)}});
        return;
    }
    if (job != nullptr) {
        job->used = true;
        if (job->type == JobType::approval) draft.type = JobType::approval;
        return;
    }
    draft.available = false;
    if (context.is_unavailable(draft.at) || context.full()) return;
    const std::string suggestion = nearest(draft.job, jobs.names());
    context.report({.code = Code::unknown_job,
                    .at = draft.at,
                    .message = "no job '" + draft.job + "' in 'jobs'",
                    .expected = suggestion.empty() ? "the name of a job, or 'type: approval'" : "",
                    .suggestion = suggestion});
}

void drop_repeated(std::vector<std::string>& contexts) {
    std::set<std::string> seen;
    std::vector<std::string> unique;
    for (std::string& one : contexts) {
        if (!one.empty() && seen.insert(one).second) unique.push_back(std::move(one));
    }
    contexts = std::move(unique);
}

void read_options(Context& context, Value options, Draft& draft, Jobs& jobs) {
    const ReadJob* job = jobs.find(draft.job);
    // Keys that no table knows may be parameters, of a job that takes some or that is not known here.
    const Entry* type = options->find("type");
    const bool approval = type != nullptr && type->value.node->text == "approval";
    const bool parameters = job != nullptr ? job->takes_parameters : context.version == Version::v2_1 && !approval;
    const Fields fields(context, options, keys::workflow_job, draft.at, parameters);
    draft.type = read_type(context, fields);
    draft.name = fields.text("name");
    draft.name_at = fields.get("name");
    draft.required = read_requires(context, fields);
    draft.contexts = fields.texts("context");
    drop_repeated(draft.contexts);
    draft.filters = read_filters(context, fields.get("filters"));
    if (fields.mentions("matrix") || (draft.name_at && draft.name.empty())) draft.available = false;
}

void report_several_keys(Context& context, Value entry) {
    const Entry& first = entry->entries.front();
    Problem problem{.code = Code::several_keys,
                    .at = context.key_of(entry, first),
                    .message = "an entry of 'jobs' has exactly one key, the job's name; this one has " +
                               std::to_string(entry->entries.size())};
    if (first.value.node->kind == NodeKind::null) {
        problem.message = "the options of '" + first.key->text + "' stand beside it, not below it";
        problem.expected = "'requires', 'filters' and so on indented two columns deeper than the job's name";
    }
    context.report(std::move(problem));
}

}  // namespace

std::optional<Draft> read_workflow_job(Context& context, Value entry, Jobs& jobs) {
    context.spend(sizeof(Draft), entry);
    if (entry.is(NodeKind::broken)) return std::nullopt;
    Draft draft;
    if (entry.is(NodeKind::scalar)) {
        draft.at = entry;
        draft.job = context.text(entry);
        if (draft.job.empty() && !entry->text.empty()) return std::nullopt;
    } else if (entry.is(NodeKind::mapping) && !entry->entries.empty()) {
        if (entry->entries.size() > 1) {
            report_several_keys(context, entry);
            return std::nullopt;
        }
        const Entry& only = entry->entries.front();
        draft.at = context.key_of(entry, only);
        draft.job = only.key->text;
        const Value options = context.value_of(entry, only);
        if (!options) return std::nullopt;
        read_options(context, options, draft, jobs);
    } else {
        report_wrong_type(context, entry, "each entry of a workflow's 'jobs'", shape::text | shape::mapping);
        return std::nullopt;
    }
    check_job_exists(context, draft, jobs);
    return draft;
}

}  // namespace gyre::config
