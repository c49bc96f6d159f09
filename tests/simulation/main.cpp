// gyre_simulate [--seeds N] [--from SEED] [--seed SEED] [--trace] [--planted FAULT]: runs simulations; a seed that
// fails is told with the line that runs it again.

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <chrono>

#include "base/log.h"
#include "simulation/simulation.h"

namespace {

using namespace gyre;
using namespace gyre::simulation;

struct Wanted {
    std::uint64_t seeds = 100;
    std::uint64_t from = 1;
    std::optional<std::uint64_t> seed;
    bool trace = false;
    std::string planted;
    int most_failures = 10;
};

int run(const Wanted& wanted) {
    Options options;
    if (wanted.trace) options.tracing = Tracing::print;
    if (!wanted.planted.empty()) options.planted = enum_from<Planted>(wanted.planted);
    if (!wanted.planted.empty() && !options.planted) {
        fmt::print(stderr, "no such fault: {}\n", wanted.planted);
        return 2;
    }
    const auto first = wanted.seed.value_or(wanted.from);
    const auto end = first + (wanted.seed ? 1 : wanted.seeds);
    const auto began = std::chrono::steady_clock::now();
    int failures = 0;
    std::uint64_t done = 0;
    Report total;
    for (auto seed = first; seed < end && failures < wanted.most_failures; ++seed, ++done) {
        const auto report = simulate(seed, options);
        total.happenings += report.happenings;
        total.simulated += report.simulated;
        total.workflows += report.workflows;
        total.attempts += report.attempts;
        if (report.findings.empty()) continue;
        ++failures;
        fmt::print("seed {} failed; again with its trace: make simulate SEED={}\n{}", seed, seed,
                   text_of(report.findings));
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
    CLI::App app{"Deterministic simulation of the server and its agents"};
    Wanted wanted;
    app.add_option("--seeds", wanted.seeds, "how many seeds to run");
    app.add_option("--from", wanted.from, "the first of them");
    app.add_option("--seed", wanted.seed, "run this one alone");
    app.add_flag("--trace", wanted.trace, "print what happens");
    app.add_option("--planted", wanted.planted, "with a fault that it must find");
    app.add_option("--most-failures", wanted.most_failures, "stop after so many");
    CLI11_PARSE(app, argc, argv);
    log::set_level(wanted.trace ? log::Level::info : log::Level::error);
    return run(wanted);
}
