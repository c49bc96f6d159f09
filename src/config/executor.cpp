#include "config/executor.h"

#include <algorithm>

#include "config/call.h"
#include "config/environment.h"
#include "config/nearest.h"
#include "config/one_of.h"
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

Machine read_macos(Context& context, Value value, Value key) {
    const Fields fields(context, value, keys::macos, key);
    Machine machine;
    machine.spec.xcode = fields.text("xcode", "default");
    machine.shell = read_shell(fields);
    machine.resource_class = fields.text("resource_class");
    machine.resource_class_at = fields.get("resource_class");
    return machine;
}

// A class of no known size may want any number.
std::string lacking_gpus(std::string_view resource_class, std::optional<int> offered) {
    const auto known = find_resources(ExecutorKind::docker, resource_class);
    if (known && (!offered || known->gpus <= *offered)) return "";
    if (offered == 0) return "GPUs";
    return known ? std::to_string(known->gpus) + " GPUs for one job"
                 : "the resource class '" + clipped(resource_class, 60) + "'";
}

// What agents lack for that class or machine, if it is one that exists elsewhere.
std::string lacking(const ExecutorSpec& spec, std::string_view resource_class, std::optional<int> gpus) {
    const auto* machine = std::get_if<MachineExecutor>(&spec);
    if (machine != nullptr && !machine->xcode.empty()) return "macOS";
    if (resource_class.find('/') != std::string_view::npos) {
        return "runners of the resource class '" + clipped(resource_class, 60) + "'";
    }
    const bool windows_image = machine != nullptr && machine->image.starts_with("windows-");
    if (windows_image || resource_class.starts_with("windows.")) return "Windows";
    if (resource_class.starts_with("macos.") || resource_class.starts_with("m4pro.")) return "macOS";
    if (resource_class.starts_with("gpu.")) return lacking_gpus(resource_class, gpus);
    return resource_class.starts_with("arm.") ? "the resource class '" + clipped(resource_class, 60) + "'" : "";
}

// The class of that size that agents offer, or the next larger one; empty: the name has no size in it.
std::string_view offered_of_size(ExecutorKind kind, std::string_view size) {
    const auto is_named = [](std::string_view name) {
        return [name](const ResourceClass& one) { return one.name == name; };
    };
    const auto sizes = resource_classes(ExecutorKind::docker);
    const auto offered = resource_classes(kind);
    for (auto one = std::ranges::find_if(sizes, is_named(size)); one != sizes.end(); ++one) {
        const auto found = std::ranges::find_if(offered, is_named(one->name));
        if (found != offered.end()) return found->name;
    }
    return {};
}

std::string offered_with_gpus(std::optional<int> gpus) {
    std::string names;
    for (const auto& one : gpu_classes()) {
        if (!gpus || one.resources.gpus <= *gpus) names += (names.empty() ? "" : ", ") + std::string(one.name);
    }
    return names.empty() ? "" : "; the classes with GPUs that they have are " + names;
}

// What to choose in the place of a class that agents lack.
std::string offered_instead(const ExecutorSpec& spec, std::string_view resource_class, std::optional<int> gpus) {
    if (resource_class.empty()) return {};
    if (const auto with_gpus = offered_with_gpus(gpus); resource_class.starts_with("gpu.") && !with_gpus.empty())
        return with_gpus;
    const auto kind = std::holds_alternative<DockerExecutor>(spec) ? ExecutorKind::docker : ExecutorKind::machine;
    for (std::size_t begin = 0; begin < resource_class.size();) {  // "gpu.nvidia.small", "acme/large"
        const auto end = std::min(resource_class.find_first_of("./", begin), resource_class.size());
        const auto nearest = offered_of_size(kind, resource_class.substr(begin, end - begin));
        if (!nearest.empty()) return "; the nearest class that they have is '" + std::string(nearest) + "'";
        begin = end + 1;
    }
    std::string names;
    for (const auto& one : resource_classes(kind)) names += (names.empty() ? "" : ", ") + std::string(one.name);
    return "; the classes that they have are " + names;
}

// The generations of a class have the same size.
std::string without_generation(std::string name) {
    for (const std::string_view ending : {".gen2", ".gen3"}) {
        if (name.ends_with(ending)) name.resize(name.size() - ending.size());
    }
    return name;
}

bool check_resource_class(Context& context, Value at, ExecutorKind kind, const std::string& name) {
    if (name.empty() || find_resources(kind, name)) return true;
    std::vector<std::string> names;
    for (const ResourceClass& one : resource_classes(kind)) names.emplace_back(one.name);
    context.report({.code = Code::unknown_resource_class,
                    .at = at,
                    .message = std::string(kind == ExecutorKind::docker ? "docker" : "machine") +
                               " jobs have no resource class '" + clipped(name, 60) + "'",
                    .expected = one_of(names),
                    .suggestion = nearest(name, names)});
    return false;
}

// Reads what both a job and an executor may say; `fields` are theirs.
class Reader {
public:
    Reader(Context& context, const Fields& fields) : context_(context), fields_(fields) {}

    void read(ReadExecutor& executor) {
        if (is_ambiguous()) return;
        if (fields_.has("docker")) executor.spec = read_docker(context_, fields_.get("docker"));
        if (fields_.has("machine")) take(read_machine(context_, fields_.get("machine")), executor);
        if (fields_.has("macos")) take(read_macos(context_, fields_.get("macos"), fields_.key("macos")), executor);
        if (fields_.has("resource_class")) {
            executor.resource_class = fields_.text("resource_class");
            executor.resource_class_at = fields_.get("resource_class");
        }
        if (fields_.has("shell")) executor.shell = read_shell(fields_);
        executor.working_directory = fields_.text("working_directory", std::move(executor.working_directory));
        for (EnvVar& one : read_environment(context_, fields_.get("environment"))) {
            executor.environment.push_back(std::move(one));
        }
        executor.environment = without_overridden(std::move(executor.environment));
        check_available(executor);
        check_class(executor);
    }

    bool says_where() const {
        for (const char* key : {"docker", "machine", "macos"}) {
            if (fields_.mentions(key)) return true;
        }
        return false;
    }

private:
    bool is_ambiguous() {
        Value first;
        for (const char* kind : {"docker", "machine", "macos"}) {
            const Value key = fields_.key(kind);
            if (key && first) {
                context_.report({.code = Code::several_executors,
                                 .at = key,
                                 .message = "a job runs either in '" + first->text + "' or on '" + kind + "', not both",
                                 .notes = {Context::note("the other one is here", *first.node)}});
                return true;
            }
            if (key) first = key;
        }
        return false;
    }

    void check_available(ReadExecutor& executor) {
        executor.resource_class = without_generation(std::move(executor.resource_class));
        if (!executor.spec) return;
        const std::string missing = lacking(*executor.spec, executor.resource_class, context_.input().gpus);
        if (missing.empty()) {
            executor.unavailable.clear();
        } else {
            executor.unavailable = "this server's agents do not have " + missing +
                                   offered_instead(*executor.spec, executor.resource_class, context_.input().gpus);
        }
        for (const char* key : {"docker", "machine", "macos", "resource_class"}) {
            if (fields_.has(key)) executor.unavailable_at = fields_.key(key);
        }
    }

    void take(Machine&& machine, ReadExecutor& executor) {
        executor.spec = std::move(machine.spec);
        if (machine.resource_class_at) {
            executor.resource_class = std::move(machine.resource_class);
            executor.resource_class_at = machine.resource_class_at;
        }
        if (!machine.shell.empty()) executor.shell = std::move(machine.shell);
    }

    // The class and the machine may come from two places: a job's and its executor's.
    void check_class(ReadExecutor& executor) {
        const Value at = executor.resource_class_at;
        if (!at || !executor.spec || !executor.unavailable.empty()) return;
        const bool docker = std::holds_alternative<DockerExecutor>(*executor.spec);
        const auto kind = docker ? ExecutorKind::docker : ExecutorKind::machine;
        if (check_resource_class(context_, at, kind, executor.resource_class)) return;
        executor.resource_class.clear();
        executor.resource_class_at = {};
    }

    Context& context_;
    const Fields& fields_;
};

void report_unknown(Context& context, Value name) {
    if (context.leaves_out(Code::unknown_executor, name)) return;
    const std::string near = nearest(name->text, element_names(ElementKind::executor, *name.scope));
    context.report({.code = Code::unknown_executor,
                    .at = name,
                    .message = "no executor is called '" + clipped(name->text, 60) + "'",
                    .expected = near.empty() ? "the name of an entry of 'executors'" : "",
                    .suggestion = near});
}

// `executor: name`, or a mapping with `name` and arguments.
std::optional<Call> read_reference(Context& context, Value value) {
    if (value.is(NodeKind::scalar)) return Call{value, {}};
    Call call;
    for (Given& one : given_by(context, value)) {
        if (one.key->text == "name") {
            call.at = one.value;
        } else {
            call.given.push_back(one);
        }
    }
    if (call.at.is(NodeKind::scalar)) return call;
    if (!call.at && call.given.size() == 1 && !call.given.front().value.is(NodeKind::scalar)) {  // `name: {arguments}`
        return Call{call.given.front().key, given_by(context, call.given.front().value)};
    }
    if (!call.at) context.report({.code = Code::missing_key, .at = value, .message = "'executor' needs 'name'"});
    if (call.at) report_wrong_type(context, call.at, "the name of an executor", shape::text);
    return std::nullopt;
}

ReadExecutor read_named(Context& context, Value value) {
    const auto call = read_reference(context, value);
    if (!call) return {};
    const Lookup found = find_element(context, ElementKind::executor, call->at);
    if (found.element == nullptr) {
        if (!found.known) report_unknown(context, call->at);
        return {};
    }
    return read_executor_definition(context, *found.element, enter_call(context, *found.element, *call));
}

}  // namespace

std::string read_shell(const Fields& fields) {
    std::string shell;
    for (const std::string& word : fields.texts("shell")) shell += (shell.empty() ? "" : " ") + word;
    return shell;
}

ReadExecutor read_executor_definition(Context& context, const Element& executor, Value body) {
    ReadExecutor read;
    if (!body || body.is(NodeKind::broken)) return read;
    const Fields fields(context, body, keys::executor, executor.key);
    Reader reader(context, fields);
    reader.read(read);
    if (!reader.says_where()) {
        context.report({.code = Code::missing_executor,
                        .at = executor.key,
                        .message = "an executor must say where jobs run",
                        .expected = "'docker' with a list of images, or 'machine: true'"});
    }
    return read;
}

ReadExecutor read_executor(Context& context, const Fields& job, Value name) {
    ReadExecutor executor;
    if (job.has("executor")) executor = read_named(context, job.get("executor"));
    Reader reader(context, job);
    reader.read(executor);
    if (!reader.says_where() && !job.mentions("executor")) {
        context.report({.code = Code::missing_executor,
                        .at = name,
                        .message = "a job must say where it runs",
                        .expected = context.version == Version::v2_1
                                        ? "'docker' with a list of images, 'machine: true', or 'executor' with a name"
                                        : "'docker' with a list of images, or 'machine: true'"});
    }
    if (!executor.unavailable.empty()) context.cannot_run(executor.unavailable, executor.unavailable_at);
    return executor;
}

}  // namespace gyre::config
