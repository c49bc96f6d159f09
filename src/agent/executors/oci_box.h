#pragma once

// A job's containers without an engine, from the first image to the last removal. See executor.h for the contract of a
// Box. The twin of docker_box.h: the same containers, supervisor and sentences.
//
// The primary container has a network of its own, which the services share; slirp4netns connects it with what the host
// reaches, but for the host's own loopback. Without that program a job reaches nothing but itself, and is told so.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/executor.h"
#include "agent/executors/docker_control.h"
#include "agent/executors/docker_limits.h"
#include "agent/executors/kernel_files.h"
#include "agent/executors/oci_images.h"
#include "agent/executors/oci_pod.h"
#include "agent/executors/sandbox_record.h"
#include "base/fd.h"

namespace gyre::agent {

class OciBox final : public Box {
public:
    // Errors as Executor::prepare; nothing is left behind then, or request.left_behind() says so. `records` is the
    // directory of notes for sweeps.
    static Result<std::unique_ptr<Box>> make(const BoxRequest& request, const OciTools& tools, OciImages& images,
                                             const std::string& records);
    ~OciBox() override;

    Supervisor& supervisor() override { return *supervisor_; }
    std::vector<UsedImage> images() const override;
    std::string trouble() override;
    void forget_trouble() override;
    UsageMeter usage_meter() const override;
    pid_t process() const override { return peer_of(connection_.get()); }
    std::unique_ptr<DiskMeter> disk_meter() const override { return make_tree_meter(box_); }
    Result<void> stop() override;
    Result<void> destroy() override;

private:
    struct Container {
        const ContainerSpec* spec = nullptr;  // of the request's assignment, for the time of make()
        std::string reference;
        std::string name;
        OciImage image;
        OciUser user;
    };

    OciBox(const BoxRequest& request, const OciTools& tools);
    Result<void> build(const BoxRequest& request, OciImages& images, const std::string& records);
    Result<void> have_images(const BoxRequest& request, OciImages& images);
    Result<void> open_record(const std::string& records);
    Result<void> make_files();
    Result<void> write_configs(const BoxRequest& request, const std::string& control_directory);
    Result<void> start_containers(const BoxRequest& request);
    Result<void> start_one(const Container& container, bool runs_ours, int cancel);
    Result<void> connect_network(const BoxRequest& request);
    Result<void> meet_supervisor(ControlDirectory& control, const BoxRequest& request);
    std::string in_box(const std::string& name) const { return box_ + "/" + name; }
    std::string memory_limit() const;
    std::string ended_service() const;
    std::string ended_primary() const;

    std::string name_;
    Resources resources_;
    OciTools tools_;
    std::string box_;  // all of its files
    std::string group_;
    std::vector<Container> containers_;  // the primary first
    bool own_entrypoint_ = false;
    SandboxThings things_;
    std::optional<SandboxRecord> record_;
    std::optional<OciPod> pod_;
    std::unique_ptr<Supervisor> supervisor_;
    Fd connection_;  // the supervisor's as well, to see whether its other end lives
    LimitWatch limits_;
    std::int64_t known_kills_ = 0;  // of earlier steps
    std::int64_t known_refusals_ = 0;
    bool destroyed_ = false;
};

// Removes what a killed agent's box has left; for sweep_records().
Result<void> remove_oci_things(const SandboxThings& things);

}  // namespace gyre::agent
