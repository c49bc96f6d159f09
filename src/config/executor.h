#pragma once

// Where a job runs: its own `docker`, `machine` or `macos`, or an executor that is defined by name; and its
// `resource_class`.

#include <optional>

#include "config/elements.h"
#include "config/fields.h"
#include "model/plan.h"

namespace gyre::config {

struct ReadExecutor {
    std::optional<ExecutorSpec> spec;  // nothing after a report
    std::string resource_class;        // a known one, or that of an unavailable executor; or empty
    std::string unavailable;           // why no agent can run it; empty: one can
    Value unavailable_at;
    Value resource_class_at;  // null: not written
    std::string shell;
    std::string working_directory;
    Environment environment;
};

// Of a job. What the job says itself beats what a named executor says; variables are merged, the job's last. Reports a
// job that says nothing. `name` is the job's, for complaints about the whole.
ReadExecutor read_executor(Context& context, const Fields& job, Value name);

// The body of an executor's definition. `body` comes from config/call.h and may be null.
ReadExecutor read_executor_definition(Context& context, const Element& executor, Value body);

// The list of containers, at least one.
DockerExecutor read_docker(Context& context, Value list);

// `shell`: text, or a list of its words.
std::string read_shell(const Fields& fields);

}  // namespace gyre::config
