#pragma once

// The workflows that run, as last stored, and the one path by which they change: load, apply the event (workflow/),
// commit, tell those who watch. Changes are made one after another; events that arrive while others are written wait,
// and share the next transaction, so that the disk works once for all of them. Thread-safe.
//
// What is remembered may be older than what another server stored: before an event is refused or ignored on the
// strength of it, the stored workflow is asked. What could not be stored together is tried again one by one, with the
// workflow as it is stored now.

#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "conductor/conductor_ports.h"
#include "workflow/roster.h"

namespace gyre::conductor {

class Changes {
public:
    explicit Changes(const ConductorPorts& ports) : ports_(ports) {}

    // An answer for each event, in the order given; they are about different attempts or jobs.
    std::vector<Result<void>> apply(std::span<const Event> events);
    Result<void> apply(const WorkflowId& workflow, const Event& event);
    // What is new: a pipeline's or a rerun's workflows.
    Result<void> add(Commit commit);

private:
    // An event on its way. Its owner waits; whoever makes the changes answers.
    struct Arrived {
        const Event* event = nullptr;
        std::optional<WorkflowId> workflow;  // once it is known
        Result<void> answer;
        bool answered = false;
        std::exception_ptr defect;  // thrown in place of the answer

        void blame(std::exception_ptr thrown) {
            defect = std::move(thrown);
            answered = true;
        }
        void settle(Result<void> with) {
            answer = std::move(with);
            answered = true;
        }
    };
    // What an event has made of a workflow in memory, not stored yet.
    struct Change {
        Arrived* arrived = nullptr;
        bool wake = false;        // dispatch shall look
        bool remembered = false;  // the workflow was not read for this
        bool new_status = false;  // of the workflow
    };
    struct Running {
        Workflow workflow;
        workflow::Roster roster;
    };
    using Batch = std::vector<Arrived*>;
    using Commits = std::vector<Commit>;

    void carry_out(std::vector<Arrived>& mine);
    Batch next_batch();
    void withdraw(std::span<const Arrived> mine);  // whose owner goes, by a defect
    void carry_out_batch(const Batch& batch);
    void carry_out_alone(Arrived& one);
    // Answers each of them, but those that must be tried again, which it returns.
    Batch attempt(const Batch& batch);
    Result<Running*> running(Arrived& arrived);
    // Nothing: there is nothing to store, and the event is answered or to be tried again.
    Result<std::optional<Change>> change_by(Arrived& arrived, Commits& commits);
    // How many of them are stored. The others are to be tried again, if they are not answered.
    std::size_t store(const std::vector<Change>& changes, const Commits& commits);
    void refuse(const Change& change, const Commit& commit, const Error& error);
    void done(const Change& change, const Commit& commit);
    Running& remember(Workflow workflow);
    void forget(const WorkflowId& id);
    void forget_all();
    void forget_if_over(const std::optional<WorkflowId>& id);
    void tell(const Commit& commit, bool of_workflows);
    void look_at_what_may_be_stored();

    const ConductorPorts& ports_;
    std::mutex arriving_;
    std::deque<Arrived*> arrived_;  // guarded by arriving_
    std::mutex changing_;           // held from load to commit; guards what follows
    std::unordered_map<WorkflowId, Running> running_;
    std::unordered_map<JobId, WorkflowId> workflow_of_;
};

}  // namespace gyre::conductor
