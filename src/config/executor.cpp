#include "config/executor.h"

#include "config/nearest.h"
#include "config/scalar.h"
#include "model/resource_class.h"

namespace gyre::config {
namespace {

struct Machine {
    MachineExecutor spec;
    std::string shell;
    std::string resource_class;
    Value resource_class_at;
};

Machine read_machine(Context& context, Value value) {
    Machine machine;
    if (value.is(NodeKind::mapping)) {
        const Fields fields(context, value, keys::machine);
        machine.spec.image = fields.text("image");
        machine.spec.docker_layer_caching = fields.flag("docker_layer_caching");
        machine.shell = read_shell(fields);
        machine.resource_class = fields.text("resource_class");
        machine.resource_class_at = fields.get("resource_class");
    } else if (const auto on = as_boolean(*value.node); !on) {
        machine.spec.image = context.text(value);
    } else if (!*on) {
        context.report({.code = Code::bad_value,
                        .at = value,
                        .message = "'machine: false' leaves the job nowhere to run",
                        .expected = "'machine: true', or a 'docker' list instead"});
    }
    return machine;
}

bool check_resource_class(Context& context, Value at, ExecutorKind kind, const std::string& name) {
    if (name.empty() || find_resources(kind, name)) return true;
    if (name.find('/') != std::string::npos) {
        context.not_yet("resource classes of self-hosted runners (namespace/name)", at);
        return false;
    }
    std::vector<std::string> names;
    std::string all;
    for (const ResourceClass& one : resource_classes(kind)) {
        names.emplace_back(one.name);
        all += (all.empty() ? "one of " : ", ") + std::string(one.name);
    }
    context.report({.code = Code::unknown_resource_class,
                    .at = at,
                    .message = std::string(kind == ExecutorKind::docker ? "docker" : "machine") +
                               " jobs have no resource class '" + name + "'",
                    .expected = all,
                    .suggestion = nearest(name, names)});
    return false;
}

}  // namespace

std::string read_shell(const Fields& fields) {
    std::string shell;
    for (const std::string& word : fields.texts("shell")) shell += (shell.empty() ? "" : " ") + word;
    return shell;
}

std::optional<ReadExecutor> read_executor(Context& context, const Fields& job, Value name) {
    const Value docker = job.get("docker");
    const Value machine = job.get("machine");
    if (docker && machine) {
        context.report({.code = Code::several_executors,
                        .at = job.key("machine"),
                        .message = "a job runs either in 'docker' or on a 'machine', not both",
                        .notes = {Context::note("the other one is here", *job.key("docker").node)}});
        return std::nullopt;
    }
    if (!docker && !machine) {
        for (const char* key : {"docker", "machine", "macos", "executor"}) {
            if (job.mentions(key)) return std::nullopt;  // and has been reported there
        }
        context.report({.code = Code::missing_executor,
                        .at = name,
                        .message = "a job must say where it runs",
                        .expected = "'docker' with a list of images, or 'machine: true'"});
        return std::nullopt;
    }
    ReadExecutor executor{.resource_class = job.text("resource_class")};
    Value at = job.get("resource_class");
    if (docker) {
        executor.spec = read_docker(context, docker);
    } else {
        Machine read = read_machine(context, machine);
        executor.spec = std::move(read.spec);
        executor.shell = std::move(read.shell);
        if (!at) executor.resource_class = std::move(read.resource_class);
        if (!at) at = read.resource_class_at;
    }
    const auto kind = docker ? ExecutorKind::docker : ExecutorKind::machine;
    if (!check_resource_class(context, at, kind, executor.resource_class)) executor.resource_class.clear();
    return executor;
}

}  // namespace gyre::config
