#pragma once

// Sees every change of a workflow as it is stored, and everything that was promised to somebody, and holds the server
// to it: at once where that can be seen at once, the rest when all is quiet.

#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "adapters/memory/state.h"
#include "model/resource_class.h"
#include "simulation/stage.h"
#include "workflow/check.h"

namespace gyre::simulation {

using workflow::Finding;

class Watcher {
public:
    Watcher(Stage& stage, memory::SharedState& state) : stage_(stage), state_(state) {}

    void found(std::string rule, std::string sentence);
    const std::vector<Finding>& findings() const { return findings_; }

    // Stored changes.
    void changed(const memory::State& state, const std::string& kind, const Workflow* before, const Workflow& after);
    void carried_out(const Effect& effect);
    void machine(const std::string& name, Resources total) { machines_[name] = total; }

    // Promises to people.
    void accepted(const EventId& trigger, const PipelineId& pipeline);
    void canceled(const WorkflowId& workflow, const std::optional<JobId>& job);
    void approved(const JobId& job);
    void rerun(const WorkflowId& made);

    // Agents.
    void begins(const AttemptRef& attempt, int process);  // to act: its steps run
    void rests(const AttemptRef& attempt, int process);
    void says_end(const AttemptRef& attempt, const Outcome& outcome);
    void end_acknowledged(const AttemptRef& attempt, const Outcome& outcome);
    void end_refused(const AttemptRef& attempt, const Outcome& outcome);
    // Its server answered a call that showed the attempt's token, and hears it from here on for a lease.
    void heard(const std::string& attempt_id);
    void renewed(const std::string& attempt_id);  // by a heartbeat
    // These bytes now stand there.
    void output_stored(const AttemptRef& attempt, int step, std::int64_t offset, std::string_view bytes);
    void output_acknowledged(const AttemptRef& attempt, int step, std::int64_t length);
    void output_refused(const AttemptRef& attempt, int step, const std::string& why);

    // A runnable task beside idle capacity; asked now and then while nothing is broken. `reachable`: the machines whose
    // servers are up.
    void look_for_idleness(const std::set<std::string>& reachable);
    bool all_ended();  // nothing is left to do for anybody
    void look_at_the_end();
    // Where the refs of projects stand, as people left them.
    void heads(const ProjectId& project, const std::map<std::string, std::string>& refs);

    int attempts() const { return static_cast<int>(took_.size()); }

private:
    using Rooms = std::map<std::string, Resources>;  // by machine
    void check_capacity(const memory::State& state);
    void note_ends(const Workflow* before, const Workflow& after);
    void check_loss(const AttemptRef& attempt, const Outcome& outcome);
    std::vector<AttemptRef> idle_now(const memory::State& state, Rooms free) const;
    bool fits(const Resources& need, const Rooms& free) const;
    void check_promises(const memory::State& state);
    void check_histories(const memory::State& state);
    void check_attempts(const memory::State& state);
    void check_output(const memory::State& state);
    void check_numbers(const memory::State& state);
    void check_pushes(const memory::State& state);
    void check_ticks(const memory::State& state);
    std::optional<Workflow> beginning_of(const memory::State& state, const Workflow& stored) const;
    std::optional<Workflow> rerun_of(const memory::State& state, const Workflow& stored, const std::vector<JobId>& ids,
                                     std::int64_t first_number) const;

    Stage& stage_;
    memory::SharedState& state_;
    std::vector<Finding> findings_;
    std::map<std::string, Resources> machines_;
    std::map<EventId, PipelineId> triggers_;
    std::vector<std::pair<WorkflowId, std::optional<JobId>>> canceled_;
    std::vector<JobId> approved_;
    std::vector<WorkflowId> reruns_;
    std::set<std::string> effects_;                                       // as JSON
    std::map<std::pair<JobId, int>, std::pair<AttemptRef, int>> acting_;  // by task
    std::map<AttemptRef, std::set<int>> took_;
    std::map<AttemptRef, std::vector<Outcome>> said_;
    std::map<AttemptRef, Outcome> acknowledged_;
    std::map<AttemptRef, Outcome> refused_;
    std::map<std::pair<AttemptRef, int>, std::int64_t> output_;
    std::map<AttemptRef, Duration> idle_since_;
    std::map<std::string, Duration> heard_at_;  // by attempt id
    std::map<std::string, Duration> ended_at_;
    std::map<ProjectId, std::map<std::string, std::string>> heads_;
};

// What agents print: the byte at an offset of a step's output.
char output_byte(const AttemptRef& attempt, int step, std::int64_t offset);
std::string output_bytes(const AttemptRef& attempt, int step, std::int64_t offset, std::int64_t length);

}  // namespace gyre::simulation
