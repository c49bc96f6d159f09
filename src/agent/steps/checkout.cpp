#include <fmt/format.h>

#include <filesystem>

#include "agent/source_mirror.h"
#include "agent/steps/job_ssh.h"
#include "agent/steps/moving.h"
#include "agent/steps/repository.h"
#include "agent/steps/steps.h"
#include "model/project.h"

namespace gyre::agent {
namespace {

std::string what_is_checked_out(const wire::Source& source) {
    const std::string revision = source.revision.substr(0, 12);
    if (!source.tag.empty()) return fmt::format("tag {} ({})", source.tag, revision);
    if (!source.branch.empty()) return fmt::format("branch {} ({})", source.branch, revision);
    return revision;
}

std::optional<ShownKey> key_for(const Job& job) {
    const auto& key = job.assignment.checkout_key;
    return key ? std::optional(ShownKey{key->private_key, job.scratch + "/keys"}) : std::nullopt;
}

Result<void> put_inside(const std::string& clone, const std::string& target, Job& job, StepOutput& output) {
    GYRE_TRY_ASSIGN(const Moved moved, move_inside(clone, target, job, {"--checkout"}));
    return moved == Moved::all ? Result<void>{} : update_repository(clone, target, job, output);
}

}  // namespace

StepEnd carry_out(const CheckoutStep& step, Job& job, const Output& output) {
    const wire::Source& source = job.assignment.source;
    const std::string target = job.path(step.path);
    const std::string staging = job.scratch + "/clone";
    output->say(fmt::format("Cloning {}", public_remote(source.remote)));
    SourceMirror mirror(job.mirrors, source, job.control, key_for(job));
    std::error_code failed;
    std::filesystem::remove_all(staging, failed);
    const auto cloned = mirror.clone_to(staging);
    if (!cloned) return failed_by(cloned.error().during("checkout"), job, *output);
    const auto moved = put_inside(staging, target, job, *output);
    std::filesystem::remove_all(staging, failed);
    if (!moved) return failed_by(moved.error().during("checkout"), job, *output);
    const auto prepared = prepare_ssh(mirror.seen_hosts(), job, *output);
    if (!prepared) return failed_by(prepared.error().during("preparing ssh for git"), job, *output);
    output->say(fmt::format("Checked out {} to {}", what_is_checked_out(source), target));
    return {};
}

}  // namespace gyre::agent
