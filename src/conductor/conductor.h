#pragma once

// The one writer of pipelines and workflows. Every change is: load the workflow, apply the event (workflow/), commit
// event, state and effects in one transaction, then tell those who watch (changes.h). Thread-safe; changes of one
// server are made one after another, several servers on one database are kept apart by the store's version check
// (conflict: load again).
//
// WakeDispatch is rung here and never stored: dispatch looks at the whole queue whenever it starts, so a bell that was
// not heard loses nothing. All other effects go through the outbox (effect_loop.h).

#include <string>

#include "conductor/changes.h"
#include "conductor/conductor_ports.h"
#include "workflow/rerun.h"

namespace gyre::conductor {

class Conductor final : public FrontDoor, public FollowUps {
public:
    explicit Conductor(ConductorPorts ports) : ports_(std::move(ports)) {}
    Conductor(const Conductor&) = delete;
    Conductor& operator=(const Conductor&) = delete;

    Result<PipelineId> trigger(const Trigger& trigger) override;
    Result<void> continue_pipeline(const HandedOver& handed) override;
    Result<void> handle(const Event& event) override;
    std::vector<Result<void>> handle_all(std::span<const Event> events) override;
    Result<void> cancel_workflow(const WorkflowId& workflow, const std::string& by) override;
    Result<WorkflowId> rerun(const WorkflowId& workflow, const RerunWish& wish, const std::string& by) override;
    Result<void> rerun_by_itself(const WorkflowId& workflow) override;
    Result<void> cancel_superseded(const PipelineId& pipeline) override;
    Result<void> cancel_with_setup(const PipelineId& pipeline) override;

private:
    void add_workflows(Commit& commit, const Project& project, const Pipeline& pipeline, std::size_t first,
                       std::int64_t next_number);
    Result<void> finish_handover(const Pipeline& pipeline, const HandedOver& handed);
    Result<bool> cancel_if_setup_was(const Pipeline& pipeline);
    Result<bool> was_canceled(const Pipeline& pipeline, std::size_t setups);
    Result<void> start_workflows(const Project& project, Pipeline pipeline, std::size_t first, Commit commit);
    Result<void> run_again(const Workflow& old, const RerunWish& wish, workflow::RerunFacts facts, Commit commit);

    ConductorPorts ports_;
    Changes changes_{ports_};
};

}  // namespace gyre::conductor
