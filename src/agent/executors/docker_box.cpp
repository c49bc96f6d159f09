#include "agent/executors/docker_box.h"

#include <fcntl.h>

#include <algorithm>
#include <thread>
#include <utility>

#include "agent/executors/container_parts.h"
#include "agent/executors/docker_gpus.h"
#include "agent/executors/docker_image.h"
#include "agent/executors/docker_sweep.h"
#include "agent/executors/job_limits.h"
#include "base/ascii.h"
#include "base/log.h"

namespace gyre::agent {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds supervisor_patience{60'000};  // until the supervisor calls
constexpr milliseconds look_again{250};              // until we ask whether its container still lives
constexpr milliseconds engine_notices{2'000};        // the end of a container
constexpr int quoted_lines = 20;

// Names of containers have a smaller alphabet than names of boxes may have.
std::string engine_name(const std::string& box, std::size_t index) {
    std::string name = "gyre-" + box + (index == 0 ? "-primary" : "-service-" + std::to_string(index));
    std::replace_if(
        name.begin(), name.end(), [](char c) { return !is_letter_or_digit(c) && c != '-' && c != '.'; }, '_');
    return name;
}

std::string quoted_log(EngineClient& engine, const std::string& id) {
    auto log = engine.last_lines(id, quoted_lines);
    return log ? quoted_output(std::move(*log)) : std::string();
}

ContainerEnd end_of(const ContainerState& state) {
    return {.exit_code = state.exit_code, .out_of_memory = state.out_of_memory};
}

// What the containers have written over their images. Volumes are not counted.
class ContainersMeter final : public DiskMeter {
public:
    ContainersMeter(EngineClient engine, std::vector<std::string> ids)
        : engine_(std::move(engine)), ids_(std::move(ids)) {}

    // Of the engine's: who is not root can look at that disk, though not into it.
    std::vector<std::string> places(int cancel) override {
        const auto store = engine_.another(cancel).store();
        return store ? std::vector{store->directory} : std::vector<std::string>{};
    }
    Result<std::int64_t> occupied(int cancel) override {
        EngineClient engine = engine_.another(cancel);
        std::int64_t bytes = 0;
        for (const auto& id : ids_) {
            GYRE_TRY_ASSIGN(const WrittenFiles written, engine.written(id));
            GYRE_TRY_ASSIGN(const std::int64_t of_one, counted(written, cancel));
            bytes += of_one;
        }
        return bytes;
    }

private:
    // Engines give up at a tree that is deeper than a path may be long: docker says so, podman says 0. Whoever may see
    // the files counts them himself.
    static Result<std::int64_t> counted(const WrittenFiles& written, int cancel) {
        if (written.bytes.value_or(0) > 0) return *written.bytes;
        const auto seen = written.directory.empty() ? Result<std::int64_t>(unavailable("they cannot be seen"))
                                                    : bytes_below(written.directory, cancel);
        if (seen || written.bytes) return seen ? *seen : *written.bytes;
        return seen.error().during("the engine cannot count what the container wrote");
    }

    EngineClient engine_;
    std::vector<std::string> ids_;
};

bool names_home(const Environment& environment) {
    return std::ranges::find(environment, "HOME", &EnvVar::name) != environment.end();
}

}  // namespace

DockerBox::DockerBox(EngineClient mine, std::string name, Resources resources)
    : engine_(std::move(mine)), name_(std::move(name)), resources_(resources) {}

DockerBox::~DockerBox() { (void)destroy(); }

Result<std::unique_ptr<Box>> DockerBox::make(EngineClient& engine, EngineImages& images, const BoxRequest& request) {
    std::unique_ptr<DockerBox> box(new DockerBox(engine.another(-1), request.name, request.assignment->resources));
    if (auto built = box->build(engine, images, request); !built) {
        if (!box->destroy()) request.left_behind();
        return built.error();
    }
    for (auto& container : box->containers_) container.spec = nullptr;
    return std::unique_ptr<Box>(std::move(box));
}

Result<void> DockerBox::build(EngineClient& engine, EngineImages& images, const BoxRequest& request) {
    GYRE_TRY(have_images(engine, images, request));
    own_entrypoint_ = keeps_entrypoint(*containers_.front().spec, containers_.front().image);
    ContainerSurroundings around;
    around.box = name_;
    around.agent = this_agent();
    around.resources = resources_;
    around.most_files = hard_limit(RLIMIT_NOFILE);
    around.most_processes = hard_limit(RLIMIT_NPROC);
    around.cores_go_to_a_program = cores_go_to_a_program();
    around.environment = without(request.assignment->secrets, request.environment);
    GYRE_TRY_ASSIGN(around.gpus, gpu_wishes(request.gpus, engine.facts()));
    for (const auto& container : containers_) {
        if (!container.spec->name.empty()) around.names.push_back(container.spec->name);
    }
    std::optional<ControlDirectory> control;
    if (!take_ready(engine.facts(), request, around)) {
        GYRE_TRY_ASSIGN(control, ControlDirectory::make(request.directory, request.injob_path));
        around.control_directory = control->path();
        GYRE_TRY(start_primary(engine, around));
    }
    for (std::size_t i = 1; i < containers_.size(); ++i) GYRE_TRY(start_service(engine, around, containers_[i]));
    if (ready_) {
        GYRE_TRY(meet_supervisor(std::move(ready_->connection)));
    } else {
        GYRE_TRY_ASSIGN(Fd connection, hear_supervisor(engine, *control, request.cancel));
        GYRE_TRY(meet_supervisor(std::move(connection)));
    }
    mention_ended_services(engine, request);
    return {};
}

Result<void> DockerBox::have_images(EngineClient& engine, EngineImages& images, const BoxRequest& request) {
    const auto* wanted = std::get_if<gyre::DockerExecutor>(&request.assignment->job.executor);
    if (wanted == nullptr) return invalid("this job asks for no container; the docker executor cannot run it");
    GYRE_TRY(check_containers(wanted->containers));
    for (const auto& spec : wanted->containers) {
        Container container;
        container.spec = &spec;
        container.reference = spec.image;
        container.name = engine_name(name_, containers_.size());
        GYRE_TRY_ASSIGN(container.image, ensure_image(engine, images, spec, request.environment, request.say,
                                                      request.assignment->registry_logins));
        containers_.push_back(std::move(container));
    }
    return {};
}

std::vector<UsedImage> DockerBox::images() const {
    std::vector<UsedImage> used;
    for (const auto& container : containers_)
        used.push_back({.reference = container.reference, .id = container.image.id, .digest = container.image.digest});
    return used;
}

// An environment that says where home is says so to the supervisor, which then needs it from its start.
bool DockerBox::take_ready(const EngineFacts& engine, const BoxRequest& request, const ContainerSurroundings& around) {
    Container& primary = containers_.front();
    if (request.ready == nullptr || own_entrypoint_ || !request.gpus.empty() || names_home(primary.spec->environment) ||
        names_home(around.environment))
        return false;
    ready_ = request.ready->take(likeness(primary_body(*primary.spec, primary.image, engine, around)),
                                 request.assignment->attempt.attempt > 1);
    if (!ready_) return false;
    primary.id = ready_->id;
    request.say("The container of image " + primary.spec->image + " stood ready: gyre-" + ready_->box);
    return true;
}

Result<void> DockerBox::start_primary(EngineClient& engine, const ContainerSurroundings& around) {
    Container& primary = containers_.front();
    const std::string& image = primary.spec->image;
    auto created = engine.create(primary.name, primary_body(*primary.spec, primary.image, engine.facts(), around));
    if (!created) return explain_start(image, !own_entrypoint_, explain_gpus(created.error().message));
    primary.id = *created;
    auto started = engine.start(primary.id);
    if (!started) return explain_start(image, !own_entrypoint_, explain_gpus(started.error().message));
    if (!own_entrypoint_) return {};
    auto entered = engine.exec_detached(primary.id, supervisor_command(*primary.spec, primary.image));
    if (entered) return {};
    auto state = engine.inspect(primary.id);
    if (state && !state->running) return ended_early(engine, *state);
    return unavailable("starting the supervisor in the container of image " + image + ": " + entered.error().message);
}

Result<void> DockerBox::start_service(EngineClient& engine, const ContainerSurroundings& around, Container& service) {
    const std::string& image = service.spec->image;
    auto created = engine.create(
        service.name, service_body(*service.spec, service.image, engine.facts(), around, containers_.front().id));
    if (!created) return explain_start(image, false, created.error().message);
    service.id = *created;
    auto started = engine.start(service.id);
    if (started) return {};
    Error error = explain_start(image, false, started.error().message);
    error.message += quoted_log(engine, service.id);
    return error;
}

Result<Fd> DockerBox::hear_supervisor(EngineClient& engine, ControlDirectory& control, int cancel) {
    const auto deadline = std::chrono::steady_clock::now() + supervisor_patience;
    while (std::chrono::steady_clock::now() < deadline) {
        GYRE_TRY_ASSIGN(auto connection, control.accept(look_again, cancel));
        if (connection) return std::move(*connection);
        GYRE_TRY_ASSIGN(const ContainerState state, engine.inspect(containers_.front().id));
        if (!state.running) return ended_early(engine, state);
    }
    return unavailable("the supervisor in the primary container did not call within 60 s");
}

Result<void> DockerBox::meet_supervisor(Fd connection) {
    limits_ = LimitWatch::of_peer(connection.get());
    connection_ = Fd(::fcntl(connection.get(), F_DUPFD_CLOEXEC, 0));
    GYRE_TRY_ASSIGN(supervisor_, Supervisor::connect(std::move(connection), supervisor_patience));
    return {};
}

// Why the primary container ended before the first step.
Error DockerBox::ended_early(EngineClient& engine, const ContainerState& state) const {
    const Container& primary = containers_.front();
    return explain_end(primary.reference, end_of(state), memory_limit(), quoted_log(engine, primary.id),
                       own_entrypoint_);
}

void DockerBox::mention_ended_services(EngineClient& engine, const BoxRequest& request) const {
    for (std::size_t i = 1; i < containers_.size(); ++i) {
        const auto& service = containers_[i];
        const auto state = engine.inspect(service.id);
        if (!state || state->running) continue;
        request.say("Service container " + service.spec->image + " has ended already with exit code " +
                    std::to_string(state->exit_code) + quoted_log(engine, service.id));
    }
}

void DockerBox::forget_trouble() {
    known_kills_ = limits_.kills().value_or(known_kills_);
    known_refusals_ = limits_.refusals().value_or(known_refusals_);
}

UsageMeter DockerBox::usage_meter() const {
    std::vector<std::string> ids;
    for (const auto& container : containers_) ids.push_back(container.id);
    return UsageMeter::of_containers(connection_.get(), ids);
}

std::unique_ptr<DiskMeter> DockerBox::disk_meter() const {
    std::vector<std::string> ids;
    for (const auto& container : containers_) ids.push_back(container.id);
    return std::make_unique<ContainersMeter>(engine_.another(-1), std::move(ids));
}

std::string DockerBox::memory_limit() const { return memory_limit_text(resources_, engine_.facts().limits_memory); }

// An engine notices the end of a container later than we notice the end of its supervisor, and podman cannot describe a
// container while it ends.
Result<ContainerState> DockerBox::settled_state() {
    const auto deadline = std::chrono::steady_clock::now() + engine_notices;
    while (true) {
        auto state = engine_.inspect(containers_.front().id);
        const bool settled = state ? !state->running : state.error().fault == Fault::not_found;
        if (settled || !has_ended(connection_) || std::chrono::steady_clock::now() > deadline) return state;
        std::this_thread::sleep_for(milliseconds(20));
    }
}

std::string DockerBox::trouble() {
    if (destroyed_ || containers_.empty() || containers_.front().id.empty()) return {};
    if (limits_.kills().value_or(0) > known_kills_)
        return "out of memory: the limit of " + memory_limit() + " was reached";
    if (limits_.refusals().value_or(0) > known_refusals_)
        return "the limit of " + std::to_string(process_limit(resources_)) + " processes was reached";
    const auto state = settled_state();
    if (!state && state.error().fault == Fault::not_found) return "the primary container was removed from outside";
    if (!state) return "the container engine does not answer: " + state.error().message;
    if (state->running && !has_ended(connection_)) return ended_service();
    if (state->running) return "the job's supervisor ended, though its container did not";
    return primary_trouble(end_of(*state), memory_limit());
}

std::string DockerBox::ended_service() {
    for (std::size_t i = 1; i < containers_.size(); ++i) {
        const auto state = engine_.inspect(containers_[i].id);
        if (!state || state->running) continue;
        std::string trouble = service_trouble(containers_[i].reference, end_of(*state), memory_limit());
        if (!trouble.empty()) return trouble;
    }
    return {};
}

Result<void> DockerBox::destroy() {
    if (std::exchange(destroyed_, true)) return {};
    supervisor_.reset();  // its connection ends, and with it every process of the job
    auto removed = remove_box(engine_, name_);
    if (removed && ready_) removed = remove_box(engine_, ready_->box);
    if (!removed && ready_) ready_->place.keep();
    if (!removed) log::warn("docker", "box {}: {}; the next agent will sweep", name_, removed.error().message);
    return removed;
}

}  // namespace gyre::agent
