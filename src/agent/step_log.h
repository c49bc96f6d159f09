#pragma once

// The records and outputs of an attempt's steps: opens them, reports them, and knows when all of it has arrived. Used
// by the thread that runs the job; begin() and end() of steps without processes by others as well.

#include <memory>
#include <string>
#include <vector>

#include "agent/background_outputs.h"
#include "agent/job.h"
#include "agent/redact.h"
#include "agent/reporter.h"
#include "agent/step_output.h"
#include "agent/uploader.h"
#include "base/guarded.h"
#include "model/records.h"

namespace gyre::agent {

// A step that has begun. Its clock runs from its making.
struct OpenStep {
    StepRecord record;
    std::shared_ptr<StepOutput> output;
    std::chrono::steady_clock::time_point begun_at = std::chrono::steady_clock::now();
    std::optional<std::int64_t> background_process;
};

class StepLog {
public:
    StepLog(const wire::Assignment& assignment, std::string scratch, GatewayClient for_output,
            GatewayClient for_reports);

    // `unavailable` names this machine's disk.
    Result<OpenStep> begin(StepRecord record);
    // Ends it, or lets its output go on in `background`.
    void end(OpenStep step, const StepEnd& end, BackgroundOutputs& background);
    void skip(StepRecord record);
    // After all processes are dead: reports how background steps ended. `supervisor` may be null.
    void end_background(Supervisor* supervisor);
    // No further step follows: what is reported from here on can go with the end of the attempt.
    void hold_reports() { reporter_.hold(); }
    void release_reports() { reporter_.release(); }  // one does
    // Waits until the server has all output; answers the records that it does not have yet.
    std::vector<StepRecord> drain();
    // A sentence when some output is lost; else empty.
    std::string trouble();
    std::string masked(const std::string& text) const;

private:
    void report(OpenStep& step);

    std::int64_t limit_;
    std::string scratch_;
    std::shared_ptr<const SecretMatcher> matcher_;
    Uploader uploader_;
    Reporter reporter_;
    Guarded<std::vector<std::shared_ptr<Spool>>> spools_;
    std::vector<OpenStep> background_;
};

}  // namespace gyre::agent
