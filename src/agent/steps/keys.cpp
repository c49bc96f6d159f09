#include "agent/steps/keys.h"

#include <fstream>
#include <iterator>

#include "agent/cache_key.h"
#include "agent/watch.h"
#include "base/digest.h"

namespace gyre::agent {
namespace {

constexpr const char* largest_checked_file = "1073741824";  // 1 GB

std::string variable_of(const Environment& environment, const std::string& name) {
    for (auto at = environment.rbegin(); at != environment.rend(); ++at) {
        if (at->name == name) return at->value;
    }
    return {};
}

Result<std::string> checksum_of(const std::string& written, Job& job) {
    GYRE_TRY_ASSIGN(PipeEnds pipe, make_pipe());
    set_non_blocking(pipe.read.get());
    std::vector<std::string> arguments{"cat", "--max-bytes", largest_checked_file, "--", job.path(written)};
    GYRE_TRY_ASSIGN(Tool tool, Tool::start(job, std::move(arguments), {}, std::move(pipe.write)));
    Sha256 hash;
    std::vector<char> piece(64 << 10);
    while (true) {
        GYRE_TRY_ASSIGN(const std::size_t got, read_from(job, pipe.read.get(), piece.data(), piece.size()));
        if (got == 0) break;
        hash.update({piece.data(), got});
    }
    GYRE_TRY(succeed(tool, "checksum of " + written));
    return to_base64(hash.finish());
}

const std::string& arch_of_this_machine() {
    static const std::string arch = [] {
        std::ifstream file("/proc/cpuinfo");
        std::string text(std::istreambuf_iterator<char>(file), {});
        return arch_text(text);
    }();
    return arch;
}

}  // namespace

Result<std::string> key_now(const std::string& text, Job& job) {
    KeyFacts facts;
    facts.branch = job.assignment.source.branch;
    facts.revision = job.assignment.source.revision;
    facts.build_number = std::to_string(job.assignment.build_number);
    facts.epoch = std::to_string(std::chrono::system_clock::to_time_t(std::chrono::system_clock::now()));
    facts.arch = arch_of_this_machine();
    facts.variable = [&](const std::string& name) { return variable_of(job.environment, name); };
    facts.checksum = [&](const std::string& path) { return checksum_of(path, job); };
    return evaluate_key(text, facts);
}

}  // namespace gyre::agent
