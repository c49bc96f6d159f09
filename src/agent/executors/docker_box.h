#pragma once

// A job's containers in an engine, from the first image to the last removal. See executor.h for the contract of a Box.

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "agent/executor.h"
#include "agent/executors/docker_container.h"
#include "agent/executors/docker_control.h"
#include "agent/executors/docker_limits.h"
#include "agent/executors/engine_client.h"
#include "agent/executors/engine_images.h"
#include "agent/executors/kernel_files.h"
#include "agent/executors/ready_container.h"
#include "base/fd.h"

namespace gyre::agent {

class DockerBox final : public Box {
public:
    // Errors as Executor::prepare; nothing is left behind then, or request.left_behind() says so. `engine` and
    // `images`, which keeps those of this box, are used during this call only.
    static Result<std::unique_ptr<Box>> make(EngineClient& engine, EngineImages& images, const BoxRequest& request);
    ~DockerBox() override;

    Supervisor& supervisor() override { return *supervisor_; }
    std::string trouble() override;
    std::vector<UsedImage> images() const override;
    void forget_trouble() override;
    UsageMeter usage_meter() const override;
    pid_t process() const override { return peer_of(connection_.get()); }
    std::unique_ptr<DiskMeter> disk_meter() const override;
    Result<void> destroy() override;

private:
    struct Container {
        const ContainerSpec* spec = nullptr;  // of the request's assignment, for the time of make()
        std::string reference;                // the image, as the job names it
        ImageFacts image;
        std::string name;
        std::string id;
    };

    // `mine` outlives the request: removal must work after a cancel, too.
    DockerBox(EngineClient mine, std::string name, Resources resources);
    Result<void> build(EngineClient& engine, EngineImages& images, const BoxRequest& request);
    Result<void> have_images(EngineClient& engine, EngineImages& images, const BoxRequest& request);
    bool take_ready(const EngineFacts& engine, const BoxRequest& request, const ContainerSurroundings& around);
    Result<void> start_primary(EngineClient& engine, const ContainerSurroundings& around);
    Result<void> start_service(EngineClient& engine, const ContainerSurroundings& around, Container& service);
    Result<Fd> hear_supervisor(EngineClient& engine, ControlDirectory& control, int cancel);
    Result<void> meet_supervisor(Fd connection);
    Error ended_early(EngineClient& engine, const ContainerState& state) const;
    void mention_ended_services(EngineClient& engine, const BoxRequest& request) const;
    std::string memory_limit() const;
    std::string ended_service();
    Result<ContainerState> settled_state();

    EngineClient engine_;
    std::string name_;
    Resources resources_;
    std::vector<Container> containers_;         // the primary first
    std::unique_ptr<StandingContainer> ready_;  // the primary, where it stood before the job came
    bool own_entrypoint_ = false;               // the primary runs the job's or the image's
    std::unique_ptr<Supervisor> supervisor_;
    Fd connection_;  // the supervisor's as well, to see whether its other end lives
    LimitWatch limits_;
    std::int64_t known_kills_ = 0;  // of earlier steps
    std::int64_t known_refusals_ = 0;
    bool destroyed_ = false;
};

}  // namespace gyre::agent
