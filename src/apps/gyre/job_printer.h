#pragma once

// Live output of running workflows on a terminal: a header for each step, its output line by line with the job's name
// in front, its result and duration; at the end a summary. Reads the stores whenever it is told that something changed.
// Not thread-safe: one thread calls look().

#include <map>
#include <string>
#include <vector>

#include "model/workflow.h"
#include "ports/output_store.h"
#include "ports/run_records.h"
#include "ports/workflow_store.h"

namespace gyre::apps {

struct PrinterPorts {
    WorkflowStore& workflows;
    RunRecords& records;
    OutputStore& output;
};

class JobPrinter {
public:
    JobPrinter(PrinterPorts ports, std::vector<WorkflowId> workflows) : ports_(ports), ids_(std::move(workflows)) {}

    // Prints what is new. True when every workflow is over and all of it was printed.
    Result<bool> look();
    // One line a job; answers whether everything succeeded.
    bool summarize(std::int64_t total_ms) const;

private:
    struct StepProgress {
        std::int64_t printed = 0;  // bytes of output
        std::string unfinished;    // the start of a line whose end has not come
        bool opened = false;
        bool closed = false;
    };

    Result<void> look_at(const WorkflowJob& job);
    Result<void> look_at(const WorkflowJob& job, const AttemptRef& attempt);
    Result<void> print_output(const std::string& prefix, const OutputName& name, StepProgress& progress);
    static void print_end(const std::string& prefix, const StepRecord& step);

    PrinterPorts ports_;
    std::vector<WorkflowId> ids_;
    std::vector<Workflow> seen_;
    std::map<std::string, StepProgress> steps_;  // by attempt id and step index
};

}  // namespace gyre::apps
