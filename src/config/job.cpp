#include "config/job.h"

#include "config/executor.h"
#include "config/nearest.h"
#include "config/one_of.h"
#include "config/steps.h"

namespace gyre::config {
namespace {

constexpr int most_parallelism = 256;

// Kinds of jobs that exist elsewhere, with keys that nothing here knows.
bool is_foreign(std::string_view type) { return type == "release" || type == "lock" || type == "unlock"; }

bool has_foreign_type(const Node& body) {
    const Entry* type = body.find("type");
    return type != nullptr && type->value.node->kind == NodeKind::scalar && is_foreign(type->value.node->text);
}

JobType read_type(Context& context, const Fields& fields) {
    const std::string type = fields.text("type");
    if (type.empty()) return JobType::build;
    if (const auto known = enum_from<JobType>(type)) return *known;
    if (is_foreign(type)) {
        context.not_yet("jobs of type '" + type + "'", fields.get("type"));
    } else {
        context.report({.code = Code::bad_value,
                        .at = fields.get("type"),
                        .message = "'" + clipped(type, 60) + "' is no type of a job",
                        .expected = one_of(names_of<JobType>()),
                        .suggestion = nearest(type, names_of<JobType>())});
    }
    return JobType::approval;  // so that nothing more is asked of it
}

void read_all_steps(Context& context, const Fields& fields, Value name, const JobUse& use, JobSpec& spec) {
    const Value steps = fields.get("steps");
    if (!fields.mentions("steps")) {
        context.report({.code = Code::missing_key, .at = name, .message = "a job needs 'steps'"});
    } else if (steps && steps->items.empty()) {
        context.warn(
            {.code = Code::bad_value, .at = steps, .message = "the list of steps is empty: the job does nothing"});
    }
    if (use.pre_steps) read_steps(context, use.pre_steps, spec.steps);
    if (steps) read_steps(context, steps, spec.steps);
    if (use.post_steps) read_steps(context, use.post_steps, spec.steps);
}

// A body that is a list is often a job's key with too little indentation.
bool is_mapping(Context& context, const Element& element, Value body) {
    if (body.is(NodeKind::mapping)) return true;
    if (keys::job.find(element.key->text) == nullptr) {
        report_wrong_type(context, body, "a job", shape::mapping);
    } else {
        context.report({.code = Code::wrong_type,
                        .at = element.key,
                        .message = "'" + element.key->text + "' stands among the jobs, not below one",
                        .expected = "two columns more before it, below the job's name"});
    }
    return false;
}

}  // namespace

MadeJob Jobs::read(const Element& element, Value body, const JobUse& use) {
    MadeJob job;
    JobSpec& spec = job.spec;
    job.element = &element;
    spec.name = element.name;
    if (!body || body.is(NodeKind::broken) || !is_mapping(context_, element, body)) return job;
    const Fields fields(context_, body, keys::job, element.key, has_foreign_type(*body.node));
    job.branches = fields.get("branches");
    job.type = read_type(context_, fields);
    if (job.type != JobType::build) return job;
    ReadExecutor executor = read_executor(context_, fields, element.key);
    if (executor.spec) spec.executor = std::move(*executor.spec);
    job.unavailable = std::move(executor.unavailable);
    spec.resource_class = std::move(executor.resource_class);
    spec.shell = std::move(executor.shell);
    spec.environment = std::move(executor.environment);
    if (!executor.working_directory.empty()) spec.working_directory = std::move(executor.working_directory);
    spec.parallelism = fields.integer("parallelism", 1, most_parallelism).value_or(1);
    read_all_steps(context_, fields, element.key, use, spec);
    return job;
}

int Jobs::make(const JobUse& use) {
    Element& element = *use.element;
    const bool plain = element.parameters.empty() && use.call.given.empty() && !use.pre_steps && !use.post_steps;
    if (plain && element.made >= 0) return element.made;
    Value body = element.body;
    if (plain) {
        element.used = true;
        body = enter_uncalled(context_, element);
    } else {
        body = enter_call(context_, element, use.call);
    }
    context_.spend(sizeof(MadeJob), element.key);
    made_.push_back(read(element, body, use));
    const int place = static_cast<int>(made_.size()) - 1;
    if (plain && context_.unreached == 0) element.made = place;  // else not all of its mistakes have been told
    return place;
}

void Jobs::check(Element& element) { read(element, enter_uncalled(context_, element), {}); }

}  // namespace gyre::config
