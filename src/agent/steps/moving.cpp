#include "agent/steps/moving.h"

#include "agent/host_process.h"
#include "agent/watch.h"

namespace gyre::agent {
namespace {

constexpr int exit_again = 8;  // see injob/arguments.h

}  // namespace

Result<Moved> move_inside(const std::string& from, const std::string& to, Job& job,
                          const std::vector<std::string>& options) {
    GYRE_TRY_ASSIGN(PipeEnds pipe, make_pipe());
    std::vector<std::string> arguments{"unpack",
                                       "--root",
                                       to,
                                       "--max-bytes",
                                       std::to_string(job.limits().unpacked_bytes),
                                       "--max-entries",
                                       std::to_string(job.limits().entries)};
    arguments.insert(arguments.end(), options.begin(), options.end());
    GYRE_TRY_ASSIGN(Tool unpack, Tool::start(job, std::move(arguments), std::move(pipe.read), {}));
    const HostCommand pack{
        .argv = {job.injob_path, "pack", "--root", from, "--", "."}, .directory = {}, .environment = {}};
    const auto packed = run_on_host(pack, job.control, std::move(pipe.write));
    GYRE_TRY_ASSIGN(const int code, unpack.wait());
    if (code == exit_again) return Moved::nothing_into_repository;
    if (code != 0) return failure_of(unpack, code, "writing to " + to);
    if (!packed) return packed.error();
    if (packed->code != 0) return unavailable("packing the clone: " + packed->err);
    return Moved::all;
}

}  // namespace gyre::agent
