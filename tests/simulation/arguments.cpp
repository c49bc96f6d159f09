#include "simulation/arguments.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace gyre::simulation {
namespace {

constexpr std::int64_t last_seed = 1'000'000'000'000'000'000;

}  // namespace

Result<std::optional<Wanted>> read_arguments(std::vector<std::string> arguments) {
    Wanted wanted;
    std::string planted;
    CLI::App app{"Deterministic simulation of the server and its agents"};
    const CLI::Range of_seeds(std::int64_t{0}, last_seed);
    auto* seeds =
        app.add_option("--seeds", wanted.count, "how many seeds to run")->check(CLI::Range(std::int64_t{1}, last_seed));
    auto* from = app.add_option("--from", wanted.first, "the first of them")->check(of_seeds);
    std::optional<std::int64_t> one;
    app.add_option("--seed", one, "run this one alone")->check(of_seeds)->excludes(seeds)->excludes(from);
    app.add_flag("--trace", wanted.trace, "print what happens");
    app.add_option("--planted", planted, "with a fault that it must find");
    app.add_option("--most-failures", wanted.most_failures, "stop after so many")->check(CLI::Range(1, 1'000'000));
    try {
        std::ranges::reverse(arguments);  // as the library takes them
        app.parse(std::move(arguments));
    } catch (const CLI::CallForHelp&) {
        fmt::print("{}", app.help());
        return std::optional<Wanted>();
    } catch (const CLI::ParseError& error) {
        return invalid(error.what());
    }
    if (one) wanted.first = *one, wanted.count = 1;
    if (!planted.empty()) wanted.planted = enum_from<Planted>(planted);
    if (!planted.empty() && !wanted.planted) return invalid("there is no such fault to plant: " + planted);
    return std::optional(wanted);
}

std::string again(const Wanted& wanted, std::int64_t seed) {
    if (!wanted.planted) return fmt::format("make simulate SEED={}", seed);
    return fmt::format("gyre_simulate --planted {} --seed {} --trace", name_of(*wanted.planted), seed);
}

}  // namespace gyre::simulation
