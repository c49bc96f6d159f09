#pragma once

// What the world must be told after a transition. Effects are written to the outbox in the same transaction as the
// new state and are carried out at least once; each is harmless when repeated.

#include <boost/describe.hpp>

#include <string>
#include <string_view>
#include <variant>

#include "model/event.h"
#include "model/status.h"

namespace gyre {

struct WakeDispatch {  // tasks became runnable, or capacity became free
    static constexpr std::string_view kind = "wake_dispatch";
    bool operator==(const WakeDispatch&) const = default;
};
struct StopAttempt {  // tell the agent to stop its steps (reason is shown in the job's output)
    static constexpr std::string_view kind = "stop_attempt";
    AttemptRef attempt;
    std::string reason;
    bool operator==(const StopAttempt&) const = default;
};
struct JobEnded {
    static constexpr std::string_view kind = "job_ended";
    WorkflowId workflow;
    JobId job;
    JobStatus status = JobStatus::success;
    bool operator==(const JobEnded&) const = default;
};
struct WorkflowEnded {
    static constexpr std::string_view kind = "workflow_ended";
    WorkflowId workflow;
    WorkflowStatus status = WorkflowStatus::success;
    bool operator==(const WorkflowEnded&) const = default;
};
struct AutoRerun {  // run the workflow again from failed; its id makes the new one's, so that twice is once
    static constexpr std::string_view kind = "auto_rerun";
    WorkflowId workflow;
    bool operator==(const AutoRerun&) const = default;
};
struct CancelSuperseded {  // cancel what still runs of the older pipelines of this one's branch
    static constexpr std::string_view kind = "cancel_superseded";
    PipelineId pipeline;
    bool operator==(const CancelSuperseded&) const = default;
};
struct CancelWithSetup {  // cancel the workflows of the config handed over, when the setup was canceled meanwhile
    static constexpr std::string_view kind = "cancel_with_setup";
    PipelineId pipeline;
    bool operator==(const CancelWithSetup&) const = default;
};

using Effect =
    std::variant<WakeDispatch, StopAttempt, JobEnded, WorkflowEnded, AutoRerun, CancelSuperseded, CancelWithSetup>;

BOOST_DESCRIBE_STRUCT(WakeDispatch, (), ())
BOOST_DESCRIBE_STRUCT(StopAttempt, (), (attempt, reason))
BOOST_DESCRIBE_STRUCT(JobEnded, (), (workflow, job, status))
BOOST_DESCRIBE_STRUCT(WorkflowEnded, (), (workflow, status))
BOOST_DESCRIBE_STRUCT(AutoRerun, (), (workflow))
BOOST_DESCRIBE_STRUCT(CancelSuperseded, (), (pipeline))
BOOST_DESCRIBE_STRUCT(CancelWithSetup, (), (pipeline))

}  // namespace gyre
