#include "config/job.h"

#include "config/environment.h"
#include "config/executor.h"
#include "config/steps.h"

namespace gyre::config {
namespace {

constexpr int most_parallelism = 256;

std::string lower(std::string_view name) {
    std::string text(name);
    for (char& c : text) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return text;
}

JobType read_type(Context& context, const Fields& fields) {
    const std::string type = fields.text("type");
    if (type.empty()) return JobType::build;
    if (const auto known = enum_from<JobType>(type)) return *known;
    context.not_yet("jobs of type '" + type.substr(0, 60) + "'", fields.get("type"));
    return JobType::approval;  // so that nothing more is asked of it
}

void read_body(Context& context, Value key, Value body, ReadJob& job) {
    const Fields fields(context, body, keys::job, key);
    JobSpec& spec = job.spec;
    job.takes_parameters = fields.mentions("parameters");
    job.branches = fields.get("branches");
    job.type = read_type(context, fields);
    spec.environment = read_environment(context, fields.get("environment"));
    spec.working_directory = fields.text("working_directory", spec.working_directory);
    spec.parallelism = fields.integer("parallelism", 1, most_parallelism).value_or(1);
    spec.steps = read_steps(context, fields.get("steps"));
    if (job.type == JobType::approval) return;
    if (!fields.mentions("steps")) {
        context.report({.code = Code::missing_key, .at = key, .message = "a job needs 'steps'"});
    }
    if (auto executor = read_executor(context, fields, key)) {
        spec.executor = std::move(executor->spec);
        spec.resource_class = std::move(executor->resource_class);
        spec.shell = fields.has("shell") ? read_shell(fields) : std::move(executor->shell);
    }
}

}  // namespace

ReadJob* Jobs::find(std::string_view name) {
    const auto found = by_name_.find(name);
    return found == by_name_.end() ? nullptr : &jobs_[found->second];
}

std::vector<std::string> Jobs::names() const {
    std::vector<std::string> names;
    for (const ReadJob& job : jobs_) names.push_back(job.key->text);
    return names;
}

void Jobs::add(Context& context, ReadJob job) {
    const auto [first, fresh] = by_folded_name_.emplace(lower(job.spec.name), jobs_.size());
    if (!fresh) {
        const Node& other = *jobs_[first->second].key.node;
        context.report({.code = Code::duplicate_job,
                        .at = job.key,
                        .message = "the names of jobs must differ in more than case: '" + job.spec.name + "' and '" +
                                   other.text + "'",
                        .notes = {Context::note("the other job", other)}});
    }
    by_name_.emplace(job.spec.name, jobs_.size());
    jobs_.push_back(std::move(job));
}

Jobs read_jobs(Context& context, Value value) {
    Jobs jobs;
    if (!value) return jobs;
    for (const Entry& entry : value->entries) {
        const Value body = context.value_of(value, entry);
        if (!body || !context.spend(sizeof(ReadJob), body)) continue;
        ReadJob job;
        job.key = context.key_of(value, entry);
        job.spec.name = entry.key->text;
        if (job.spec.name.empty()) {
            context.report({.code = Code::bad_value, .at = body, .message = "a job needs a name"});
        }
        if (body.is(NodeKind::null)) {
            context.report({.code = Code::missing_key,
                            .at = job.key,
                            .message = "the job '" + job.spec.name + "' is empty; is what follows indented?"});
        } else {
            read_body(context, job.key, body, job);
        }
        jobs.add(context, std::move(job));
    }
    return jobs;
}

}  // namespace gyre::config
