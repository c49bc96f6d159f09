#include <fmt/format.h>

#include <filesystem>

#include "agent/host_process.h"
#include "agent/source_mirror.h"
#include "agent/steps/steps.h"
#include "agent/watch.h"

namespace gyre::agent {
namespace {

// Moves a tree of this machine into the job, without it passing through us: our packer writes to the unpacker there.
Result<void> move_inside(const std::string& from, const std::string& to, Job& job) {
    GYRE_TRY_ASSIGN(PipeEnds pipe, make_pipe());
    std::vector<std::string> arguments{"unpack",
                                       "--root",
                                       to,
                                       "--checkout",
                                       "--max-bytes",
                                       std::to_string(job.limits().unpacked_bytes),
                                       "--max-entries",
                                       std::to_string(job.limits().entries)};
    GYRE_TRY_ASSIGN(Tool unpack, Tool::start(job, std::move(arguments), std::move(pipe.read), {}));
    const HostCommand pack{
        .argv = {job.injob_path, "pack", "--root", from, "--", "."}, .directory = {}, .environment = {}};
    const auto packed = run_on_host(pack, job.control, std::move(pipe.write));
    GYRE_TRY(succeed(unpack, "writing to " + to));
    if (!packed) return packed.error();
    if (packed->code != 0) return unavailable("packing the clone: " + packed->err);
    return {};
}

std::string what_is_checked_out(const wire::Source& source) {
    const std::string revision = source.revision.substr(0, 12);
    if (!source.tag.empty()) return fmt::format("tag {} ({})", source.tag, revision);
    if (!source.branch.empty()) return fmt::format("branch {} ({})", source.branch, revision);
    return revision;
}

}  // namespace

StepEnd carry_out(const CheckoutStep& step, Job& job, const Output& output) {
    const wire::Source& source = job.assignment.source;
    const std::string target = job.path(step.path);
    const std::string staging = job.scratch + "/clone";
    output->say(fmt::format("Cloning {}", without_password(source.remote).url));
    SourceMirror mirror(job.mirrors, source, job.control);
    std::error_code failed;
    std::filesystem::remove_all(staging, failed);
    const auto cloned = mirror.clone_to(staging);
    if (!cloned) return failed_by(cloned.error().during("checkout"), job, *output);
    const auto moved = move_inside(staging, target, job);
    std::filesystem::remove_all(staging, failed);
    if (!moved) return failed_by(moved.error().during("checkout"), job, *output);
    output->say(fmt::format("Checked out {} to {}", what_is_checked_out(source), target));
    return {};
}

}  // namespace gyre::agent
