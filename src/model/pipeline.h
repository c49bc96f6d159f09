#pragma once

// A pipeline: one trigger, the config found at its commit, and what came of it: workflows, or diagnostics.

#include <boost/describe.hpp>

#include <optional>
#include <string>
#include <vector>

#include "model/plan.h"
#include "model/trigger.h"

namespace gyre {

struct PipelineError {
    std::string type;     // "config", "config-fetch", "other", ... (REST v2)
    std::string message;  // a whole diagnostic with file:line:column and caret, as `gyre config validate` prints it
};
BOOST_DESCRIBE_STRUCT(PipelineError, (), (type, message))

// The config that a setup workflow handed over, and with what.
struct Continuation {
    std::string config_source;
    PipelineParameters parameters;
    Timestamp at{};
    int first_workflow = 0;  // of its own, in the pipeline's plan
    bool operator==(const Continuation&) const = default;
};
BOOST_DESCRIBE_STRUCT(Continuation, (), (config_source, parameters, at, first_workflow))

struct Pipeline {
    PipelineId id;
    ProjectId project;
    std::int64_t number = 0;  // per project, from 1
    PipelineState state = PipelineState::created;
    Trigger trigger;
    std::vector<PipelineError> errors;
    std::string note;  // why it has no workflows although nothing is wrong; empty: no such reason
    std::string config_source;
    Plan plan;  // with a continuation: the setup config's jobs and workflows first, then those of the one handed over
    std::optional<Continuation> continuation;
    Timestamp created_at{};
    Timestamp updated_at{};
};

}  // namespace gyre
