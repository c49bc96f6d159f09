#pragma once

// The one writer of pipelines and workflows. Every change is: load the workflow, apply the event (workflow/), commit
// event, state and effects in one transaction, then tell those who watch. Thread-safe; changes of one server are made
// one after another, several servers on one database are kept apart by the store's version check (conflict: load
// again).
//
// WakeDispatch is rung here and never stored: dispatch looks at the whole queue whenever it starts, so a bell that was
// not heard loses nothing. All other effects go through the outbox (effect_loop.h).

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "base/clock.h"
#include "base/random.h"
#include "config/input.h"
#include "ports/front_door.h"
#include "ports/git_remote.h"
#include "ports/live.h"
#include "ports/project_store.h"
#include "ports/workflow_store.h"
#include "workflow/rerun.h"

namespace gyre::conductor {

struct ConductorPorts {
    WorkflowStore& workflows;
    ProjectStore& projects;
    GitRemote& git;
    Live& live;
    const Clock& clock;
    DispatchBell& dispatch;
    std::function<void()> outbox_has_more;            // called after a commit that wrote effects; must not block
    config::OrbSource orbs = {};                      // of configs; empty: there are inline ones only
    Entropy& entropy = kernel_entropy();              // of new ids
    std::function<void()> schedules_changed = [] {};  // called after a commit that may have; must not block
    std::size_t most_remembered = 10'000;             // workflows that run; beyond, they are read again
};

class Conductor final : public FrontDoor, public FollowUps {
public:
    explicit Conductor(ConductorPorts ports) : ports_(std::move(ports)) {}

    Result<PipelineId> trigger(const Trigger& trigger) override;
    Result<void> continue_pipeline(const HandedOver& handed) override;
    Result<void> handle(const Event& event) override;
    Result<void> cancel_workflow(const WorkflowId& workflow, const std::string& by) override;
    Result<WorkflowId> rerun(const WorkflowId& workflow, const RerunWish& wish, const std::string& by) override;
    Result<void> rerun_by_itself(const WorkflowId& workflow) override;
    Result<void> cancel_superseded(const PipelineId& pipeline) override;

private:
    Result<std::shared_ptr<const Workflow>> load(const WorkflowId& id);
    Result<void> apply(const WorkflowId& id, const Event& event);
    Result<bool> apply_once(const WorkflowId& id, const Event& event);  // false: conflict, load again
    void add_workflows(Commit& commit, const Project& project, const Pipeline& pipeline, std::size_t first,
                       std::int64_t next_number);
    Result<bool> was_canceled(const Pipeline& pipeline, std::size_t setups);
    Result<void> start_workflows(const Project& project, Pipeline pipeline, std::size_t first, Commit commit);
    Result<void> commit_new(Commit commit);
    void look_at_what_may_be_stored();
    Result<void> run_again(const Workflow& old, const RerunWish& wish, workflow::RerunFacts facts, Commit commit);
    void forget(const WorkflowId& id);
    void remember(Workflow workflow);
    void tell(const Commit& commit);

    ConductorPorts ports_;
    std::mutex changing_;  // held from load to commit
    // Workflows that still run, as last committed; only touched while changing_ is held.
    std::unordered_map<WorkflowId, std::shared_ptr<const Workflow>> running_;
    std::unordered_map<JobId, WorkflowId> workflow_of_;
};

}  // namespace gyre::conductor
