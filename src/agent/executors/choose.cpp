// choose_executor() of executor.h: which executor a job gets on this host.

#include <pwd.h>

#include <cstdlib>
#include <utility>

#include "agent/executor.h"
#include "agent/executors/docker.h"
#include "agent/executors/oci.h"
#include "agent/executors/plain.h"
#include "agent/executors/ready_container.h"
#include "agent/executors/sandbox.h"
#include "agent/executors/sandbox_seccomp.h"

namespace gyre::agent {
namespace {

constexpr std::string_view no_engine =
    "NOTICE: no container engine answers on this machine. The administrator allowed the sandbox instead "
    "(--sandbox=host).";
constexpr std::string_view not_a_machine =
    "NOTICE: this `machine` job gets no virtual machine and no root. The administrator allowed the sandbox instead "
    "(--sandbox=host).";

constexpr std::string_view no_socket = "none";

// Says something before another executor begins.
class WithNotice final : public Executor {
public:
    WithNotice(std::unique_ptr<Executor> inner, std::string_view notice) : inner_(std::move(inner)), notice_(notice) {}

    std::string_view name() const override { return inner_->name(); }
    Result<std::unique_ptr<Box>> prepare(const BoxRequest& request) override {
        if (request.say) request.say(notice_);
        return inner_->prepare(request);
    }
    Result<void> sweep(const std::function<bool(std::string_view name)>& alive) override {
        return inner_->sweep(alive);
    }
    void tidy() override { inner_->tidy(); }

private:
    std::unique_ptr<Executor> inner_;
    std::string_view notice_;
};

Result<std::unique_ptr<Executor>> sandbox_with(std::string_view notice, const ExecutorSettings& settings) {
    GYRE_TRY_ASSIGN(auto sandbox, make_sandbox(settings));
    return std::unique_ptr<Executor>(std::make_unique<WithNotice>(std::move(sandbox), notice));
}

// What the administrator allowed where there is no container engine.
bool may_use_host(const ExecutorSettings& settings) { return settings.allow_host_sandbox || settings.allow_plain; }

Result<std::unique_ptr<Executor>> use_host(std::string_view notice, const ExecutorSettings& settings) {
    if (settings.allow_host_sandbox) return sandbox_with(notice, settings);
    GYRE_TRY(may_run_plain());
    return make_plain(settings);
}

std::string variable(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? std::string() : value;
}

// An engine that somebody named and that does not answer is a trouble to be seen: its own images are not here.
bool may_replace_engine(const ExecutorSettings& settings) {
    return settings.docker_socket.empty() || settings.docker_socket == no_socket;
}

// The first that answers, or the first of that name.
Result<EngineClient> find_engine(const ExecutorSettings& settings, std::string_view name = {}) {
    if (settings.docker_socket == no_socket) return unavailable("none is to be used (--docker-socket none)");
    const std::string docker_host = variable("DOCKER_HOST");
    std::string tried;
    if (settings.docker_socket.empty() && !docker_host.empty() && !docker_host.starts_with("unix://")) {
        tried = "DOCKER_HOST is not a unix socket, and only those are supported; ";
    }
    for (const auto& socket : engine_sockets(settings.docker_socket, docker_host, variable("XDG_RUNTIME_DIR"))) {
        EngineSettings engine;
        engine.socket = socket;
        auto found = EngineClient::connect(engine);
        if (found && (name.empty() || found->facts().name == name)) return found;
        tried += (found ? socket + " is " + found->facts().name : found.error().message) + "; ";
    }
    tried.resize(tried.size() - 2);
    return unavailable(tried);
}

}  // namespace

Result<std::unique_ptr<Executor>> choose_executor(const ExecutorSpec& wanted, const ExecutorSettings& settings) {
    if (std::holds_alternative<MachineExecutor>(wanted)) {
        if (may_use_host(settings)) return use_host(not_a_machine, settings);
        return unavailable(
            "this is a `machine` job, and Gyre has no virtual machines yet: use `docker` in the config, or have the "
            "administrator allow jobs in a sandbox on this host's file system (--sandbox=host)");
    }
    auto engine = find_engine(settings);
    if (engine) return make_docker(std::move(*engine), settings);
    if (may_use_host(settings)) return use_host(no_engine, settings);
    auto tools = find_oci_tools();
    if (tools && may_replace_engine(settings)) return make_oci(std::move(tools), settings);
    return unavailable(
        "this is a `docker` job, and no container engine answers on this machine: install one (apt-get install "
        "docker.io, "
        "or podman and start its service) and see that this user may use its socket, or have the administrator allow "
        "jobs "
        "in a sandbox on this host's file system (--sandbox=host)" +
        (tools ? std::string() : "; or: " + tools.error().message) + ". Tried: " + engine.error().message);
}

Result<std::unique_ptr<Executor>> executor_named(std::string_view name, const ExecutorSettings& settings) {
    if (name == "plain") return make_plain(settings);
    if (name == "oci") return make_oci(find_oci_tools(), settings);
    if (name == "sandbox") return make_sandbox(settings);
    GYRE_TRY_ASSIGN(EngineClient engine, find_engine(settings, name));
    return make_docker(std::move(engine), settings);
}

std::unique_ptr<ReadyContainer> begin_ready_container(const ExecutorSettings& settings, const std::string& injob_path) {
    return std::make_unique<ReadyContainer>(ReadySettings{.work = settings.work_directory,
                                                          .injob_path = injob_path,
                                                          .engine = [settings] { return find_engine(settings); }});
}

void warm_up(const ExecutorSettings& settings) {
    (void)::getpwuid(settings.first_sandbox_uid);  // that nobody has, so that all of its libraries are asked
    (void)compile_seccomp_filter();                // a failure is told to the jobs that need it
}

}  // namespace gyre::agent
