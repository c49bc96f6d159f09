#include <fmt/format.h>

#include "simulation/workload.h"

namespace gyre::simulation {
namespace {

const std::vector<std::string> classes{"small", "small", "medium", "large"};
const std::vector<std::string> statuses{"failed", "[success, failed]", "[success, failed, canceled]", "terminal"};

std::string job_text(Dice& dice, int number) {
    std::string steps;
    for (int i = dice.between(1, 3); i > 0; --i) steps += steps.empty() ? "{run: make}" : ", {run: make}";
    return fmt::format("  j{}: {{docker: [{{image: i}}], resource_class: {}, parallelism: {}, steps: [{}]}}\n", number,
                       dice.one_of(classes), dice.percent(70) ? 1 : dice.between(2, 4), steps);
}

std::string requirements(Dice& dice, const std::vector<std::string>& earlier) {
    std::string list;
    for (const auto& name : earlier) {
        if (!dice.percent(200 / (2 + static_cast<int>(earlier.size())))) continue;
        list += list.empty() ? "" : ", ";
        list += dice.percent(15) ? name + ": " + dice.one_of(statuses) : name;
    }
    return list;
}

std::string workflow_text(Dice& dice, int number, int jobs) {
    std::string text = fmt::format("  w{}:\n", number);
    if (dice.percent(15)) text += "    max_auto_reruns: 2\n";
    text += "    jobs:\n";
    std::vector<std::string> names;
    for (int i = dice.between(1, 7); i > 0; --i) {
        const auto requires_ = requirements(dice, names);
        const auto name = fmt::format("n{}", names.size());
        const int luck = dice.between(1, 100);
        const std::string job = fmt::format("j{}", dice.between(1, jobs));
        std::string keys = "requires: [" + requires_ + "]";
        if (luck <= 8) keys += ", type: approval";
        if (luck > 8 && luck <= 14) keys += ", type: no-op";
        if (luck <= 14) {
            text += fmt::format("      - {}: {{{}}}\n", name, keys);
        } else {
            if (luck > 94) keys += ", serial-group: line";
            text += fmt::format("      - {}: {{name: {}, {}}}\n", job, name, keys);
        }
        names.push_back(name);
    }
    return text;
}

}  // namespace

std::string random_config(Dice& dice) {
    std::string text = "version: 2.1\njobs:\n";
    const int jobs = dice.between(1, 4);
    for (int i = 1; i <= jobs; ++i) text += job_text(dice, i);
    text += "workflows:\n";
    const int workflows = dice.percent(80) ? 1 : 2;
    for (int i = 1; i <= workflows; ++i) text += workflow_text(dice, i, jobs);
    if (dice.percent(10))
        text +=
            "  now_and_then:\n    triggers: [{schedule: {cron: \"* * * * *\", filters: {branches: {only: /.*/}}}}]\n"
            "    jobs: [j1]\n";
    return text;
}

}  // namespace gyre::simulation
