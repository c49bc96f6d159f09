// gyre_simulate [--seeds N] [--from SEED] [--seed SEED] [--trace] [--planted FAULT]: runs simulations; a seed that
// fails is told with the line that runs it again. Exit codes: 0 all is well, 1 some failed, 2 wrong arguments.

#include <fmt/format.h>

#include <chrono>

#include "base/log.h"
#include "simulation/arguments.h"
#include "simulation/simulation.h"

namespace {

using namespace gyre;
using namespace gyre::simulation;

int run(const Wanted& wanted) {
    const Options options{.tracing = wanted.trace ? Tracing::print : Tracing::off, .planted = wanted.planted};
    const auto began = std::chrono::steady_clock::now();
    int failures = 0;
    std::int64_t done = 0;
    Report total;
    for (; done < wanted.count && failures < wanted.most_failures; ++done) {
        const auto seed = wanted.first + done;
        const auto report = simulate(static_cast<std::uint64_t>(seed), options);
        total.happenings += report.happenings;
        total.simulated += report.simulated;
        total.workflows += report.workflows;
        total.attempts += report.attempts;
        if (report.findings.empty()) continue;
        ++failures;
        fmt::print("seed {} failed; again with its trace: {}\n{}", seed, again(wanted, seed), text_of(report.findings));
    }
    const auto took =
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began).count();
    fmt::print("{} seeds, {} failed; {} workflows, {} attempts, {} happenings, {} h of simulated time in {:.1f} s\n",
               done, failures, total.workflows, total.attempts, total.happenings, total.simulated.count() / 3'600'000,
               static_cast<double>(took) / 1000);
    return failures == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
    const auto wanted = read_arguments({argv + 1, argv + argc});
    if (!wanted) {
        fmt::print(stderr, "gyre_simulate: {}\n", wanted.error().message);
        return 2;
    }
    if (!*wanted) return 0;
    log::set_level((*wanted)->trace ? log::Level::info : log::Level::error);
    return run(**wanted);
}
