#pragma once

// Follows one output from an offset: what is stored, then what comes, until its step is over and everything was read.
// One reader a Tail; `wake` is called from other threads when next() may have something new (a reader also looks from
// time to time by itself, because news are best effort).

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "ports/live.h"
#include "ports/output_store.h"
#include "ports/run_records.h"
#include "ports/workflow_store.h"

namespace gyre::output {

struct OutputPorts {
    OutputStore& outputs;
    RunRecords& records;
    WorkflowStore& workflows;
    Live& live;
};

struct Piece {
    std::string bytes;  // empty: nothing now
    bool end = false;   // nothing will ever come
};

// Whether no more bytes will come: the step ended and all that the agent announced is stored, or the attempt is over.
Result<bool> is_complete(const OutputPorts& ports, const OutputName& name);

class Tail {
public:
    Tail(OutputPorts ports, OutputName name, std::int64_t offset, std::function<void()> wake);

    Result<Piece> next(std::size_t most);  // may read from disk

private:
    OutputPorts ports_;
    OutputName name_;
    std::int64_t offset_;
    std::shared_ptr<void> subscription_;
};

}  // namespace gyre::output
