#include "config/process_parts.h"

namespace gyre::config {
namespace {

Yaml yaml_of(const ContainerSpec& container) {
    Yaml entry = Yaml::mapping().set("image", Yaml::of_text(container.image));
    entry.set_unless_empty("name", container.name);
    if (!container.entrypoint.empty()) entry.set("entrypoint", Yaml::of_texts(container.entrypoint));
    if (!container.command.empty()) entry.set("command", Yaml::of_texts(container.command));
    entry.set_unless_empty("user", container.user);
    if (!container.environment.empty()) entry.set("environment", config::yaml_of(container.environment));
    if (container.auth) {
        entry.set("auth", Yaml::mapping()
                              .set("username", Yaml::of_text(container.auth->username))
                              .set("password", Yaml::of_text(container.auth->password)));
    }
    return entry;
}

void set_executor(Yaml& job, const DockerExecutor& executor) {
    Yaml containers = Yaml::list();
    for (const ContainerSpec& one : executor.containers) containers.add(yaml_of(one));
    job.set("docker", std::move(containers));
}

void set_executor(Yaml& job, const MachineExecutor& executor) {
    Yaml machine = Yaml::mapping();
    if (!executor.xcode.empty()) {
        job.set("macos", machine.set("xcode", Yaml::of_text(executor.xcode)));
        return;
    }
    machine.set_unless_empty("image", executor.image);
    if (executor.docker_layer_caching) machine.set("docker_layer_caching", Yaml::of_word("true"));
    job.set("machine", machine.items.empty() ? Yaml::of_word("true") : std::move(machine));
}

}  // namespace

Yaml yaml_of(const MadeJob& made) {
    const JobSpec& spec = made.spec;
    Yaml job = Yaml::mapping();
    if (made.type != JobType::build) return job.set("type", Yaml::of_text(std::string(name_of(made.type))));
    std::visit([&](const auto& executor) { set_executor(job, executor); }, spec.executor);
    job.set_unless_empty("resource_class", spec.resource_class);
    job.set_unless_empty("shell", spec.shell);
    if (spec.working_directory != JobSpec().working_directory) {
        job.set("working_directory", Yaml::of_text(spec.working_directory));
    }
    if (!spec.environment.empty()) job.set("environment", config::yaml_of(spec.environment));
    if (spec.parallelism != 1) job.set("parallelism", Yaml::of_word(std::to_string(spec.parallelism)));
    Yaml steps = Yaml::list();
    for (const Step& step : spec.steps) steps.add(yaml_of(step));
    return job.set("steps", std::move(steps));
}

}  // namespace gyre::config
