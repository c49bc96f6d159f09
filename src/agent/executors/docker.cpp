#include "agent/executors/docker.h"

#include <utility>

#include "agent/executors/docker_box.h"
#include "agent/executors/docker_sweep.h"
#include "agent/executors/engine_images.h"
#include "base/log.h"

namespace gyre::agent {
namespace {

constexpr std::chrono::seconds removal_patience{60};  // what is given up here goes on there, under the next job's hands

class EngineExecutor final : public Executor {
public:
    EngineExecutor(EngineClient engine, const ExecutorSettings& settings)
        : engine_(std::move(engine)),
          images_(settings.work_directory.empty() ? "" : settings.work_directory + "/engine-images"),
          image_budget_(settings.image_budget) {}

    std::string_view name() const override { return engine_.facts().name; }

    Result<std::unique_ptr<Box>> prepare(const BoxRequest& wanted) override {
        BoxRequest request = wanted;
        if (!request.say) request.say = [](std::string_view) {};
        if (!request.left_behind) request.left_behind = [] {};
        const auto& facts = engine_.facts();
        request.say("Using " + facts.name + " " + facts.version);
        EngineClient engine = engine_.another(request.cancel);
        auto box = DockerBox::make(engine, images_, request);
        if (box || box.error().fault == Fault::invalid) return box;
        return unavailable(box.error().message);
    }

    Result<void> sweep(const std::function<bool(std::string_view name)>& alive) override {
        auto swept = sweep_boxes(engine_, alive);
        return swept ? swept : swept.error().during("sweeping old containers");
    }

    void tidy() override {
        images_.let_go();
        EngineClient engine = engine_.another(-1, removal_patience);
        for (const auto& image : images_.keep_within(engine, image_budget_))
            log::info(name(), "removed image {}, which no job used for the longest time", image);
    }

private:
    EngineClient engine_;
    EngineImages images_;
    std::int64_t image_budget_;
};

}  // namespace

std::unique_ptr<Executor> make_docker(EngineClient engine, const ExecutorSettings& settings) {
    return std::make_unique<EngineExecutor>(std::move(engine), settings);
}

std::vector<std::string> engine_sockets(const std::string& setting, const std::string& docker_host,
                                        const std::string& runtime_directory) {
    constexpr std::string_view scheme = "unix://";
    if (!setting.empty()) return {setting.starts_with(scheme) ? setting.substr(scheme.size()) : setting};
    std::vector<std::string> sockets;
    if (docker_host.starts_with(scheme)) sockets.push_back(docker_host.substr(scheme.size()));
    sockets.emplace_back("/var/run/docker.sock");
    if (!runtime_directory.empty()) sockets.push_back(runtime_directory + "/podman/podman.sock");
    sockets.emplace_back("/run/podman/podman.sock");
    return sockets;
}

}  // namespace gyre::agent
