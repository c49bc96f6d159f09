#pragma once

// Approval jobs of `gyre run`: they are approved by name beforehand, or by whoever sits at the terminal; where nobody
// does, a run that waits for one ends with the word how to go on. Not thread-safe.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "ports/front_door.h"
#include "ports/workflow_store.h"

namespace gyre::apps {

class Approvals {
public:
    // Whether a person at the terminal says yes to the question; nothing: was interrupted, ask no more.
    using Ask = std::function<std::optional<bool>(const std::string& question)>;

    // `given`: names of jobs, or "all". `ask` is empty where nobody can be asked. `by` is noted as who approved.
    Approvals(FrontDoor& door, WorkflowStore& workflows, std::vector<std::string> given, Ask ask, std::string by)
        : door_(door), workflows_(workflows), given_(std::move(given)), ask_(std::move(ask)), by_(std::move(by)) {}

    // Approves what was given at once; the rest is asked for when nothing else can run. What is not approved is
    // canceled, so that the run ends.
    Result<void> look(const std::vector<WorkflowId>& ids);
    // Some approval was waited for, and there was nobody to ask.
    bool missed() const { return missed_; }

private:
    Result<void> decide(const Workflow& workflow, const WorkflowJob& job);
    bool is_given(const std::string& name) const;

    FrontDoor& door_;
    WorkflowStore& workflows_;
    std::vector<std::string> given_;
    Ask ask_;
    std::string by_;
    bool missed_ = false;
};

}  // namespace gyre::apps
