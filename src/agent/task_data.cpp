#include "agent/task_data.h"

#include <fmt/format.h>

#include <algorithm>

#include "agent/environment.h"
#include "agent/home_files.h"
#include "base/json.h"
#include "wire/earlier_tests.h"

namespace gyre::agent {
namespace {

bool names_task_data(const Step& step) {
    const auto* run = std::get_if<RunStep>(&step);
    return run != nullptr && run->command.find(wire::task_data_variable) != std::string::npos;
}

bool asks_for_earlier_tests(const wire::Assignment& assignment) {
    return assignment.task_total > 1 || assignment.only_failed_tests ||
           std::ranges::any_of(assignment.job.steps, names_task_data);
}

// `path` below /tmp as a member of an archive that is unpacked there.
std::string inside(const std::string& path) { return path.substr(path.rfind('/') + 1); }

void say(const wire::EarlierTests& earlier, const wire::Assignment& assignment, StepOutput& output) {
    if (!earlier.source.empty())
        output.say(fmt::format("Test results of {} are here to split tests by: {}{}", earlier.source,
                               earlier.cut ? "the slowest " : "", earlier.tests.size()));
    if (!assignment.only_failed_tests) return;
    const auto& failed = earlier.failed;
    if (failed.all_because.empty())
        output.say(fmt::format("Tests that failed in {}, which 'circleci tests run' runs again: {}", failed.job,
                               failed.tests.size()));
    else
        output.say(fmt::format("All tests run again: of {} it is known that {}", failed.job, failed.all_because));
}

void add_files(wire::EarlierTests earlier, const wire::Assignment& assignment, const std::string& directory,
               std::vector<HomeFile>& files) {
    if (!earlier.source.empty()) {
        const json::object results{{"tests", to_json(earlier.tests)}};
        files.push_back({directory + wire::earlier_results_file, json::serialize(results)});
    }
    if (assignment.only_failed_tests)
        files.push_back({directory + wire::failed_tests_file, to_json_text(earlier.failed)});
}

}  // namespace

Result<void> make_task_data(Job& job, const std::string& temporary, StepOutput& output) {
    const auto& assignment = job.assignment;
    const std::string directory = inside(task_data_path(assignment, temporary)) + '/';
    std::vector<HomeFile> files{{inside(bash_env_path(assignment, temporary))}, {directory}};
    if (asks_for_earlier_tests(assignment)) {
        auto earlier = keep_trying(job.gateway, TryUntil::stopping, [&] { return job.gateway.earlier_tests(); });
        // Of tasks that divide the tests in different ways, some tests would run in none.
        if (!earlier && assignment.task_total > 1) return unavailable(earlier.error().message);
        if (!earlier && (earlier.error().fault == Fault::unavailable || job.control.is_stopping()))
            return earlier.error();
        if (earlier) {
            say(*earlier, assignment, output);
            add_files(std::move(*earlier), assignment, directory, files);
        } else {
            output.say("Notice: what earlier runs tell of tests is not here: " + earlier.error().message);
        }
    }
    const auto made = make_files(job, temporary, files);
    if (made || made.error().fault != Fault::denied) return made;
    return invalid(
        fmt::format("the job's user ({0}) cannot write to {1}, which every job needs: choose an image where "
                    "it can ('RUN mkdir -p {1} && chmod 1777 {1}'), or another 'user' ({2})",
                    job.supervisor.inside().user, temporary, made.error().message));
}

}  // namespace gyre::agent
