#pragma once

// Where a job runs: `docker`, `machine` or `macos`, and its `resource_class`.

#include <optional>

#include "config/fields.h"
#include "model/plan.h"

namespace gyre::config {

struct ReadExecutor {
    ExecutorSpec spec;
    std::string resource_class;  // a known one, or empty
    std::string shell;           // from inside `machine`; the job's own wins
};

// Exactly one executor must be given; reports otherwise. `name` is the job's name, for complaints about the whole.
std::optional<ReadExecutor> read_executor(Context& context, const Fields& job, Value name);

// The list of containers, at least one.
DockerExecutor read_docker(Context& context, Value list);

// `shell`: text, or a list of its words.
std::string read_shell(const Fields& fields);

}  // namespace gyre::config
