#pragma once

// The jobs that workflows make of the definitions in `jobs`: with their arguments, executors, commands and conditions
// resolved.

#include <deque>
#include <string>
#include <vector>

#include "config/call.h"
#include "model/plan.h"

namespace gyre::config {

struct MadeJob {
    JobSpec spec;
    const Element* element = nullptr;  // that it is made of
    JobType type = JobType::build;
    std::string unavailable;  // as of its executor (config/executor.h)
    Value branches;           // the deprecated filter; means something without workflows only
    int planned = -1;         // index into Plan::jobs once it is there
};

// How a workflow uses a job.
struct JobUse {
    Element* element = nullptr;
    Call call;
    Value pre_steps;   // may be null
    Value post_steps;  // may be null
};

class Jobs {
public:
    explicit Jobs(Context& context) : context_(context) {}

    // The place of what the use makes. A job without parameters and further steps is made once.
    int make(const JobUse& use);
    // Reads a job that nothing uses, for its mistakes.
    void check(Element& element);
    MadeJob& at(int place) { return made_[static_cast<std::size_t>(place)]; }

private:
    MadeJob read(const Element& element, Value body, const JobUse& use);

    Context& context_;
    std::deque<MadeJob> made_;
};

}  // namespace gyre::config
