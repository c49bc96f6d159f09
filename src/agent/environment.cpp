#include "agent/environment.h"

namespace gyre::agent {

namespace {

std::string own_name(const wire::Assignment& assignment) {
    return assignment.attempt.job.text + '-' + std::to_string(assignment.attempt.task) + "-build";
}

}  // namespace

std::string bash_env_path(const wire::Assignment& assignment, const std::string& temporary) {
    return temporary + "/.bash_env-" + own_name(assignment);
}

std::string task_data_path(const wire::Assignment& assignment, const std::string& temporary) {
    return temporary + "/.circleci-task-data-" + own_name(assignment);
}

Environment job_environment(const wire::Assignment& assignment, const std::string& temporary) {
    Environment all;
    const auto add = [&](const Environment& some) { all.insert(all.end(), some.begin(), some.end()); };
    // A container has them already; where there is none, they come from here.
    if (const auto* docker = std::get_if<DockerExecutor>(&assignment.job.executor);
        docker != nullptr && !docker->containers.empty())
        add(docker->containers.front().environment);
    add(assignment.secrets);
    add(assignment.built_in);
    const std::string shell_env = bash_env_path(assignment, temporary);
    all.push_back({"BASH_ENV", shell_env});
    all.push_back({"CIRCLE_SHELL_ENV", shell_env});
    all.push_back({wire::task_data_variable, task_data_path(assignment, temporary)});
    add(assignment.job.environment);
    return all;
}

}  // namespace gyre::agent
