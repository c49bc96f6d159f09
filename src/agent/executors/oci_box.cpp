#include "agent/executors/oci_box.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <functional>
#include <utility>

#include "agent/executors/cgroup.h"
#include "agent/executors/container_parts.h"
#include "agent/executors/docker_container.h"
#include "agent/executors/job_limits.h"
#include "agent/executors/kernel_files.h"
#include "agent/executors/process_start.h"
#include "agent/executors/sandbox_tree.h"
#include "agent/executors/small_files.h"
#include "base/ascii.h"
#include "base/log.h"

namespace gyre::agent {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr milliseconds start_patience{60'000};       // until a container runs
constexpr milliseconds supervisor_patience{60'000};  // until the supervisor calls
constexpr milliseconds network_patience{10'000};
constexpr milliseconds end_is_noticed{2'000};  // from the end of the supervisor on
constexpr int look_again_ms = 5;
constexpr milliseconds look_after_supervisor{250};
constexpr int quoted_lines = 20;
constexpr const char* primary_name = "gyre-primary";

// False: `found` did not come true in time. Error: the job must stop.
Result<bool> wait_for(milliseconds most, int cancel, const std::function<bool()>& found) {
    const auto deadline = Clock::now() + most;
    while (!found()) {
        if (Clock::now() > deadline) return false;
        pollfd stop{cancel, POLLIN, 0};
        if (poll(&stop, 1, look_again_ms) > 0) return unavailable("stopped while the job's place was made");
    }
    return true;
}

std::string group_name(const std::string& box) {
    std::string name = "/oci-gyre-" + box;
    std::replace_if(
        name.begin() + 1, name.end(), [](char c) { return !is_letter_or_digit(c) && c != '-'; }, '_');
    return name;
}

std::vector<std::string> group_directories(const std::string& group) {
    std::vector<std::string> directories;
    for (const auto& place : find_cgroups(read_text("/proc/self/cgroup"), read_text("/proc/self/mountinfo")))
        directories.push_back(place.mount_point + group);
    return directories;
}

// Those of containers stand below the box's own.
Result<void> remove_all_groups_and_files(const SandboxThings& things) {
    for (const auto& group : things.cgroups) {
        std::error_code failed;
        for (const auto& entry : fs::directory_iterator(group, failed)) {
            if (entry.is_directory(failed)) remove_cgroup(entry.path());
        }
    }
    return remove_groups_and_files(things);
}

// With slirp4netns its own resolver answers, which asks the host's.
std::string resolver_text(const OciTools& tools) {
    if (tools.slirp4netns.empty()) return "";
    std::string text = "nameserver 10.0.2.3\n";
    each_line(read_text("/etc/resolv.conf"), [&](std::string_view line) {
        if (line.starts_with("search ") || line.starts_with("options ")) text.append(line).append("\n");
    });
    return text;
}

}  // namespace

Result<void> remove_oci_things(const SandboxThings& things) {
    GYRE_TRY(end_recorded_process(things));
    return remove_all_groups_and_files(things);
}

OciBox::OciBox(const BoxRequest& request, const OciTools& tools)
    : name_(request.name),
      resources_(request.assignment->resources),
      tools_(tools),
      box_(request.directory + "/oci"),
      group_(group_name(request.name)) {}

OciBox::~OciBox() { (void)destroy(); }

Result<std::unique_ptr<Box>> OciBox::make(const BoxRequest& request, const OciTools& tools, OciImages& images,
                                          const std::string& records) {
    std::unique_ptr<OciBox> box(new OciBox(request, tools));
    if (auto built = box->build(request, images, records); !built) {
        if (!box->destroy()) request.left_behind();
        return built.error();
    }
    for (auto& container : box->containers_) container.spec = nullptr;
    return std::unique_ptr<Box>(std::move(box));
}

Result<void> OciBox::build(const BoxRequest& request, OciImages& images, const std::string& records) {
    GYRE_TRY(have_images(request, images));
    GYRE_TRY(open_record(records));
    GYRE_TRY(make_files());
    GYRE_TRY_ASSIGN(ControlDirectory control, ControlDirectory::make(box_, request.injob_path));
    GYRE_TRY(write_configs(request, control.path()));
    GYRE_TRY(start_containers(request));
    return meet_supervisor(control, request);
}

Result<void> OciBox::have_images(const BoxRequest& request, OciImages& images) {
    const auto* wanted = std::get_if<gyre::DockerExecutor>(&request.assignment->job.executor);
    if (wanted == nullptr) return invalid("this job asks for no container; images cannot run it");
    GYRE_TRY(check_containers(wanted->containers));
    for (const auto& spec : wanted->containers) {
        Container container;
        container.spec = &spec;
        container.reference = spec.image;
        container.name = containers_.empty() ? primary_name : "gyre-service-" + std::to_string(containers_.size());
        GYRE_TRY_ASSIGN(container.image, images.have({.container = &spec,
                                                      .variables = &request.environment,
                                                      .logins = &request.assignment->registry_logins,
                                                      .scratch = request.directory,
                                                      .say = request.say,
                                                      .cancel = request.cancel}));
        const auto& image = container.image;
        auto user = find_user(spec.user.empty() ? image.config.facts.user : spec.user,
                              read_in_image(image.root, "etc/passwd"), read_in_image(image.root, "etc/group"));
        if (!user)
            return invalid("the container of image " + spec.image + " does not start: " + user.error().message +
                           "; check `user`");
        container.user = std::move(*user);
        containers_.push_back(std::move(container));
    }
    own_entrypoint_ = keeps_entrypoint(*containers_.front().spec, containers_.front().image.config.facts);
    return {};
}

Result<void> OciBox::open_record(const std::string& records) {
    things_.name = name_;
    things_.directory = box_;
    things_.cgroups = group_directories(group_);
    GYRE_TRY_ASSIGN(auto record, SandboxRecord::open(records, name_));
    record_.emplace(std::move(record));
    return record_->write(things_);
}

Result<void> OciBox::make_files() {
    GYRE_TRY(remove_tree(box_));
    GYRE_TRY(make_directory(box_, 0700));
    std::vector<std::string> names;
    for (const auto& container : containers_) {
        if (!container.spec->name.empty()) names.push_back(container.spec->name);
        GYRE_TRY(make_directory(in_box(container.name), 0700));
        for (const char* part : {"/image", "/rootfs", "/top"})
            GYRE_TRY(make_directory(in_box(container.name) + part, 0755));
    }
    GYRE_TRY(write_text(in_box("hosts"), hosts_text(names), 0644));
    GYRE_TRY(write_text(in_box("hostname"), std::string(oci_hostname) + "\n", 0644));
    return write_text(in_box("resolv.conf"), resolver_text(tools_), 0644);
}

Result<void> OciBox::write_configs(const BoxRequest& request, const std::string& control_directory) {
    for (const auto& container : containers_) {
        const bool primary = &container == &containers_.front();
        OciSurroundings around;
        around.cgroup = group_ + "/" + container.name;
        around.resources = resources_;
        around.most_files = hard_limit(RLIMIT_NOFILE);
        around.cores_go_to_a_program = cores_go_to_a_program();
        around.hosts_file = in_box("hosts");
        around.hostname_file = in_box("hostname");
        around.resolver_file = in_box("resolv.conf");
        if (primary) {
            around.control_directory = control_directory;
            around.environment = without(request.assignment->secrets, request.environment);
            around.gpus = edits_of(request.gpus);
            for (const auto& variable : around.gpus.environment) around.environment.push_back(variable);
            for (const auto& node : around.gpus.nodes) {
                GYRE_TRY_ASSIGN(around.gpu_devices.emplace_back(), find_device(node.host_path));
            }
        } else {
            around.network = in_box("network-namespace");
        }
        const auto make = primary ? primary_config : service_config;
        const auto& config = container.image.config;
        auto made = make(*container.spec, config, container.user, around);
        if (!made)
            return invalid("the container of image " + container.reference +
                           " does not start: " + made.error().message);
        GYRE_TRY(write_text(in_box(container.name) + "/config.json", json::serialize(*made), 0600));
        if (!primary || !own_entrypoint_) continue;
        const auto process = supervisor_process(*container.spec, config, container.user, around);
        GYRE_TRY(write_text(in_box(container.name) + "/process.json", json::serialize(process), 0600));
    }
    return {};
}

Result<void> OciBox::start_containers(const BoxRequest& request) {
    GYRE_TRY_ASSIGN(OciPod pod, OciPod::start(box_, tools_));
    pod_.emplace(std::move(pod));
    things_.process = pod_->process();
    things_.process_started = process_start_time(things_.process);
    GYRE_TRY(record_->write(things_));
    GYRE_TRY(start_one(containers_.front(), !own_entrypoint_, request.cancel));
    GYRE_TRY(connect_network(request));
    if (own_entrypoint_) pod_->enter(primary_name);
    for (std::size_t i = 1; i < containers_.size(); ++i) GYRE_TRY(start_one(containers_[i], false, request.cancel));
    return {};
}

// A container that has run and ended already has been started: what that means is for others to say.
Result<void> OciBox::start_one(const Container& container, bool runs_ours, int cancel) {
    pod_->run(container.name, container.image.root);
    const auto settled = [&] {
        return pod_->runs(container.name) || pod_->exit_code(container.name) || pod_->has_ended();
    };
    GYRE_TRY_ASSIGN(const bool done, wait_for(start_patience, cancel, settled));
    if (!done) return unavailable("the container of image " + container.reference + " did not start within 60 s");
    if (pod_->has_ended()) return unavailable("the containers' first process ended: " + pod_->log());
    const bool ran = !read_text(in_box(container.name) + "/pid").empty();
    if (ran) return {};
    return explain_start(container.reference, runs_ours, pod_->last_lines(container.name, quoted_lines));
}

Result<void> OciBox::connect_network(const BoxRequest& request) {
    if (tools_.slirp4netns.empty()) {
        request.say(
            "NOTICE: this job reaches no network but its own containers: its machine has no slirp4netns "
            "(apt-get install slirp4netns).");
        return {};
    }
    if (!pod_->runs(primary_name)) return {};
    pod_->connect_network(primary_name);
    GYRE_TRY_ASSIGN(const bool there, wait_for(network_patience, request.cancel,
                                               [&] { return pod_->network_is_there() || !pod_->runs(primary_name); }));
    if (there) return {};
    return unavailable("slirp4netns did not connect the job's network: " +
                       last_lines_of(read_text(in_box("network.log")), quoted_lines));
}

Result<void> OciBox::meet_supervisor(ControlDirectory& control, const BoxRequest& request) {
    const auto deadline = Clock::now() + supervisor_patience;
    while (Clock::now() < deadline) {
        GYRE_TRY_ASSIGN(auto connection, control.accept(look_after_supervisor, request.cancel));
        if (connection) {
            limits_ = LimitWatch::of_peer(connection->get());
            connection_ = Fd(fcntl(connection->get(), F_DUPFD_CLOEXEC, 3));
            GYRE_TRY_ASSIGN(supervisor_, Supervisor::connect(std::move(*connection), supervisor_patience));
            for (std::size_t i = 1; i < containers_.size(); ++i) {
                if (const auto code = pod_->exit_code(containers_[i].name))
                    request.say("Service container " + containers_[i].reference + " has ended already with exit code " +
                                std::to_string(*code) +
                                quoted_output(pod_->last_lines(containers_[i].name, quoted_lines)));
            }
            return {};
        }
        if (const auto code = pod_->exit_code(primary_name))
            return explain_end(containers_.front().reference, {.exit_code = *code}, memory_limit(),
                               quoted_output(pod_->last_lines(primary_name, quoted_lines)), own_entrypoint_);
        if (const auto code = pod_->entered(primary_name); code && *code != 0)
            return unavailable("starting the supervisor in the container of image " + containers_.front().reference +
                               ": " + pod_->last_lines(primary_name, quoted_lines));
        if (pod_->has_ended()) return unavailable("the containers' first process ended: " + pod_->log());
    }
    return unavailable("the supervisor in the primary container did not call within 60 s");
}

std::vector<UsedImage> OciBox::images() const {
    std::vector<UsedImage> used;
    for (const auto& container : containers_) {
        const auto& facts = container.image.config.facts;
        used.push_back({.reference = container.reference, .id = facts.id, .digest = facts.digest});
    }
    return used;
}

std::string OciBox::memory_limit() const { return memory_limit_text(resources_, true); }

void OciBox::forget_trouble() {
    known_kills_ = limits_.kills().value_or(known_kills_);
    known_refusals_ = limits_.refusals().value_or(known_refusals_);
}

UsageMeter OciBox::usage_meter() const {
    std::vector<std::string> names;
    for (const auto& container : containers_) names.push_back(container.name);
    return UsageMeter::of_containers(connection_.get(), names);
}

std::string OciBox::trouble() {
    if (destroyed_ || !pod_ || !supervisor_) return {};
    if (limits_.kills().value_or(0) > known_kills_)
        return "out of memory: the limit of " + memory_limit() + " was reached";
    if (limits_.refusals().value_or(0) > known_refusals_)
        return "the limit of " + std::to_string(process_limit(resources_)) + " processes was reached";
    return has_ended(connection_) ? ended_primary() : ended_service();
}

// The runtime notices the end of a container later than we notice that of its supervisor.
std::string OciBox::ended_primary() const {
    const auto noticed =
        wait_for(end_is_noticed, -1, [&] { return pod_->exit_code(primary_name).has_value() || pod_->has_ended(); });
    const auto code = pod_->exit_code(primary_name);
    if (!noticed || !code) return "the job's supervisor ended, though its container did not";
    return primary_trouble({.exit_code = *code}, memory_limit());
}

std::string OciBox::ended_service() const {
    for (std::size_t i = 1; i < containers_.size(); ++i) {
        const auto code = pod_->exit_code(containers_[i].name);
        if (!code) continue;
        std::string trouble = service_trouble(containers_[i].reference, {.exit_code = *code}, memory_limit());
        if (!trouble.empty()) return trouble;
    }
    return {};
}

Result<void> OciBox::stop() {
    supervisor_.reset();  // its connection ends, and with it every process of the job
    connection_.reset();
    if (pod_) pod_->end();
    return {};
}

Result<void> OciBox::destroy() {
    if (std::exchange(destroyed_, true)) return {};
    (void)stop();
    auto removed = record_ ? remove_all_groups_and_files(things_) : Result<void>{};
    if (!removed) log::warn("oci", "box {}: {}; the next agent will sweep", name_, removed.error().message);
    if (record_ && removed) record_->remove();
    containers_.clear();  // their images may go now
    return removed;
}

}  // namespace gyre::agent
