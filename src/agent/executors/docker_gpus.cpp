#include "agent/executors/docker_gpus.h"

#include <algorithm>

namespace gyre::agent {
namespace {

constexpr std::string_view nvidia = "nvidia.com/gpu";

json::object one_request(json::object request) { return {{"DeviceRequests", json::array{std::move(request)}}}; }

json::object by_cdi(std::span<const CdiDevice> gpus) {
    json::array names;
    for (const auto& gpu : gpus) names.push_back(json::string(gpu.full_name()));
    return one_request({{"Driver", "cdi"}, {"DeviceIDs", std::move(names)}});
}

json::object by_nvidias_driver(std::span<const CdiDevice> gpus) {
    json::array ids;
    for (const auto& gpu : gpus) ids.push_back(json::string(gpu.name));
    return one_request(
        {{"Driver", "nvidia"}, {"DeviceIDs", std::move(ids)}, {"Capabilities", json::array{json::array{"gpu"}}}});
}

json::object by_devices(const CdiEdits& edits) {
    json::array devices;
    for (const auto& node : edits.nodes)
        devices.push_back(json::object{
            {"PathOnHost", node.host_path}, {"PathInContainer", node.path}, {"CgroupPermissions", node.permissions}});
    json::array mounts;
    for (const auto& mount : edits.mounts)
        mounts.push_back(json::object{{"Type", "bind"},
                                      {"Source", mount.host_path},
                                      {"Target", mount.path},
                                      {"ReadOnly", std::ranges::count(mount.options, "ro") > 0}});
    return {{"Devices", std::move(devices)}, {"Mounts", std::move(mounts)}};
}

}  // namespace

Result<GpuWishes> gpu_wishes(std::span<const CdiDevice> gpus, const EngineFacts& engine) {
    if (gpus.empty()) return GpuWishes{};
    if (engine.knows_cdi) return GpuWishes{by_cdi(gpus), {}};
    const CdiEdits edits = edits_of(gpus);
    if (edits.hooks.empty()) return GpuWishes{by_devices(edits), edits.environment};
    const bool all_nvidia = std::ranges::all_of(gpus, [](const CdiDevice& gpu) { return gpu.kind == nvidia; });
    if (engine.name == "docker" && all_nvidia) return GpuWishes{by_nvidias_driver(gpus), {}, true};
    return unavailable(gpus.front().full_name() + " wants programs to be run while its container is made, and " +
                       engine.name + " " + engine.version +
                       " cannot be asked for that: use docker 25 or later, or no engine at all (--docker-socket none)");
}

std::string explain_gpus(const std::string& said) {
    if (said.find("could not select device driver") == std::string::npos) return said;
    return said + " (install NVIDIA's container toolkit and restart docker, which looks for it when it starts)";
}

}  // namespace gyre::agent
