#include "agent/step_log.h"

#include <variant>

#include "agent/secret_forms.h"
#include "base/utf8.h"
#include "model/remote.h"

namespace gyre::agent {
namespace {

constexpr std::size_t longest_command = 4 << 10;

// Everything that the agent knows and nobody else shall read.
Environment all_secrets(const wire::Assignment& assignment) {
    Environment all = assignment.secrets;
    for (const auto& key : assignment.ssh_keys) all.push_back({"ssh key", key.private_key});
    if (assignment.checkout_key) all.push_back({"checkout key", assignment.checkout_key->private_key});
    for (const auto& login : assignment.registry_logins) all.push_back({"registry login", login.password});
    all.push_back({"remote", without_credentials(assignment.source.remote).password});
    if (const auto* docker = std::get_if<DockerExecutor>(&assignment.job.executor)) {
        for (const auto& container : docker->containers) {
            if (container.auth && container.auth->password.find('$') == std::string::npos)
                all.push_back({"auth", container.auth->password});
        }
    }
    return all;
}

}  // namespace

StepLog::StepLog(const wire::Assignment& assignment, std::string scratch, GatewayClient for_output,
                 GatewayClient for_reports)
    : limit_(assignment.limits.step_output_bytes),
      scratch_(std::move(scratch)),
      matcher_(SecretMatcher::for_secrets(all_secrets(assignment))),
      uploader_(std::move(for_output)),
      reporter_(std::move(for_reports)) {}

Result<OpenStep> StepLog::begin(StepRecord record) {
    GYRE_TRY_ASSIGN(auto spool,
                    Spool::open(scratch_, record.index, limit_, [this](bool finished) { uploader_.notify(finished); }));
    uploader_.add(spool);
    spools_.lock()->push_back(spool);
    OpenStep step{.record = std::move(record),
                  .output = std::make_shared<StepOutput>(std::move(spool), matcher_),
                  .background_process = {}};
    step.record.name = masked(step.record.name);
    step.record.command = cut_utf8(masked(step.record.command), longest_command);
    step.record.status = StepStatus::running;
    reporter_.report(step.record);
    return step;
}

void StepLog::report(OpenStep& step) {
    step.record.run_time_ms =
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - step.begun_at).count();
    step.record.output_bytes = step.output->spool().length();
    step.record.truncated = step.output->spool().is_truncated();
    reporter_.report(step.record);
}

void StepLog::end(OpenStep step, const StepEnd& end, BackgroundOutputs& background) {
    const auto output = step.output;
    if (end.background_process) {
        step.background_process = end.background_process;
        background_.push_back(std::move(step));
        background.adopt(output);
        return;
    }
    step.record.status = end.status;
    step.record.exit_code = end.exit_code;
    const bool goes_on = !output->has_ended();
    if (!goes_on) output->finish();
    report(step);
    // Somebody that the step started still holds its pipe.
    if (goes_on) background.adopt(output);
}

void StepLog::skip(StepRecord record) {
    record.name = masked(record.name);
    record.command = cut_utf8(masked(record.command), longest_command);
    record.status = StepStatus::skipped;
    reporter_.report(record);
}

void StepLog::end_background(Supervisor* supervisor) {
    for (auto& step : background_) {
        // Ending with the job is what a background step is for; what it did before does not matter to the job.
        step.record.status = StepStatus::success;
        const auto end =
            supervisor ? supervisor->wait(*step.background_process, std::chrono::steady_clock::now()) : std::nullopt;
        if (const auto* exited = end ? std::get_if<ExitedWith>(&*end) : nullptr) {
            step.record.exit_code = exited->code;
            if (exited->code != 0) step.record.status = StepStatus::failed;
        }
        report(step);
    }
    background_.clear();
}

std::vector<StepRecord> StepLog::drain() {
    uploader_.drain();
    return reporter_.take_rest();
}

std::string StepLog::trouble() {
    const auto spools = spools_.lock();
    for (const auto& spool : *spools) {
        if (auto text = spool->trouble(); !text.empty()) return text;
    }
    return uploader_.trouble();
}

std::string StepLog::masked(const std::string& text) const {
    std::string result;
    const Redactor::Sink sink = [&](std::string_view bytes) { result += bytes; };
    Redactor redactor(matcher_);
    redactor.feed(text, sink);
    redactor.end(sink);
    return valid_utf8(result);
}

}  // namespace gyre::agent
