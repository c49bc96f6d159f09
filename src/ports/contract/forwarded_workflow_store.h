#pragma once

// For tests that come in between of the commits of a WorkflowStore: all else is the store's. Commits of several go
// through commit(), one by one.

#include "ports/workflow_store.h"

namespace gyre::contract {

class ForwardedWorkflowStore : public WorkflowStore {
public:
    explicit ForwardedWorkflowStore(WorkflowStore& store) : store_(store) {}  // which outlives this

    Result<Committed> commit(const Commit& commit) override { return store_.commit(commit); }
    Result<Numbers> reserve(const ProjectId& project, bool pipeline, int builds) override {
        return store_.reserve(project, pipeline, builds);
    }
    Result<Workflow> load(const WorkflowId& id) override { return store_.load(id); }
    Result<WorkflowId> workflow_of(const JobId& job) override { return store_.workflow_of(job); }
    Result<Workflow> load_job(const JobId& job) override { return store_.load_job(job); }
    Result<Pipeline> load_pipeline(const PipelineId& id) override { return store_.load_pipeline(id); }
    Result<std::vector<WorkflowId>> unfinished() override { return store_.unfinished(); }
    Result<std::vector<OpenWorkflow>> unfinished_on(const ProjectId& project, const std::string& branch) override {
        return store_.unfinished_on(project, branch);
    }
    Result<std::optional<std::int64_t>> number_before(const ProjectId& project, const std::string& branch,
                                                      std::int64_t number) override {
        return store_.number_before(project, branch, number);
    }
    Result<std::vector<SerialHold>> serial_holds() override { return store_.serial_holds(); }

private:
    WorkflowStore& store_;
};

}  // namespace gyre::contract
