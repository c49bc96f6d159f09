#pragma once

// How the other modules reach the conductor. Everything that changes a workflow enters here: triggers, agents' reports,
// people's wishes. Each call returns when the change is durable. Thread-safe.
//
// Errors: not_found (unknown project, workflow, job, attempt), conflict (the event came too late or belongs to a
// superseded attempt: the agent is fenced off), invalid, unavailable.

#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/event.h"
#include "model/pipeline.h"
#include "model/rerun_kind.h"
#include "model/trigger.h"
#include "model/workflow.h"

namespace gyre {

// What a job of a setup workflow hands over: the config that is to be run for its pipeline.
struct HandedOver {
    PipelineId pipeline;
    std::string config;
    PipelineParameters parameters;
};

class FrontDoor {
public:
    virtual ~FrontDoor() = default;
    // Makes a pipeline of a trigger: reads the config at its revision, compiles it, starts its workflows. A config that
    // does not compile makes a pipeline in state `errored` with its diagnostics (this is success). A trigger id that
    // was seen before answers with the pipeline it made then.
    virtual Result<PipelineId> trigger(const Trigger& trigger) = 0;
    // Compiles the config for the pipeline's trigger and starts its workflows in the same pipeline. One that does not
    // compile makes the pipeline `errored`, and is answered with `invalid` and its diagnostics. The same again gets the
    // same answer. Errors: conflict (no config is awaited, another was handed over before, or it comes too late),
    // invalid (a parameter that the trigger gave is given again).
    virtual Result<void> continue_pipeline(const HandedOver& handed) = 0;
    // Applies the event; `ok` also when it changed nothing because it came again.
    virtual Result<void> handle(const Event& event) = 0;
    // The same for several, about different attempts or jobs, an answer for each; they are stored together where they
    // can be.
    virtual std::vector<Result<void>> handle_all(std::span<const Event> events) {
        std::vector<Result<void>> answers;
        for (const auto& event : events) answers.push_back(handle(event));
        return answers;
    }
    virtual Result<void> cancel_workflow(const WorkflowId& workflow, const std::string& by) = 0;
    virtual Result<WorkflowId> rerun(const WorkflowId& workflow, const RerunWish& wish, const std::string& by) = 0;
};

// What follows from committed effects and changes workflows again. Repeating a call changes nothing; thread-safe.
class FollowUps {
public:
    virtual ~FollowUps() = default;
    virtual Result<void> rerun_by_itself(const WorkflowId& workflow) = 0;
    virtual Result<void> cancel_superseded(const PipelineId& pipeline) = 0;
    virtual Result<void> cancel_with_setup(const PipelineId& pipeline) = 0;
};

// Dispatch's bell: there may be something to place. Never blocks.
class DispatchBell {
public:
    virtual ~DispatchBell() = default;
    virtual void ring() = 0;
};

// The gateway's ear for StopAttempt effects: the next heartbeat's answer (or the pending one) tells the agent to stop.
class StopBell {
public:
    virtual ~StopBell() = default;
    virtual void stop(const AttemptRef& attempt, const std::string& reason) = 0;
};

// Why tasks wait, as dispatch last saw it; for people. Thread-safe.
class WaitReasons {
public:
    virtual ~WaitReasons() = default;
    virtual std::string why(const JobId& job) const = 0;  // a sentence; empty when unknown or not waiting
};

}  // namespace gyre
