#pragma once

// The steps of a job, one file each. Each is carried out by the thread that runs the job; what it has to say goes to
// `output`. A step that is interrupted because the job must stop ends as status_of() says, whatever it was doing.
//
// Failure: run, checkout, the workspace steps and unknown cache keys fail the job. Caches, artifacts and test results
// that cannot be had, or cannot be kept, are messages: a job does not fail for what only makes it faster or is a
// report. Only where this machine or the job's box is the reason, nothing else would work here either, and the job ends
// as an infrastructure failure.

#include <memory>

#include "agent/job.h"
#include "agent/step_output.h"
#include "base/result.h"
#include "model/step.h"

namespace gyre::agent {

using Output = std::shared_ptr<StepOutput>;

StepEnd carry_out(const RunStep& step, Job& job, const Output& output);
StepEnd carry_out(const CheckoutStep& step, Job& job, const Output& output);
StepEnd carry_out(const SaveCacheStep& step, Job& job, const Output& output);
StepEnd carry_out(const RestoreCacheStep& step, Job& job, const Output& output);
StepEnd carry_out(const PersistToWorkspaceStep& step, Job& job, const Output& output);
StepEnd carry_out(const AttachWorkspaceStep& step, Job& job, const Output& output);
StepEnd carry_out(const StoreArtifactsStep& step, Job& job, const Output& output);
StepEnd carry_out(const StoreTestResultsStep& step, Job& job, const Output& output);
StepEnd carry_out(const AddSshKeysStep& step, Job& job, const Output& output);
StepEnd carry_out(const SetupRemoteDockerStep& step, Job& job, const Output& output);

// The end of a step that the job's stop interrupted.
StepEnd interrupted(const Job& job);
// The end of a step by an error; says it in the output. `unavailable` and `corrupt` are our failures, anything else
// is the job's.
StepEnd failed_by(const Error& error, const Job& job, StepOutput& output);
// The same where the step only had a report or a short cut to make: the job goes on, unless it is `unavailable`.
StepEnd shrugged_off(const Error& error, const Job& job, StepOutput& output);

// Of a step that ends because the job must stop.
StepStatus status_of(StopReason reason);
// "1.2 MB"
std::string size_text(std::int64_t bytes);

}  // namespace gyre::agent
