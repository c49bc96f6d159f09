#include "agent/executors/cdi.h"
#include "fuzz/entries.h"

namespace gyre::fuzz {
namespace {

bool is_whole(const std::string& path) { return path.starts_with('/') && path.find('\0') == std::string::npos; }

std::string check(const agent::CdiEdits& edits) {
    for (const auto& node : edits.nodes) {
        if (!is_whole(node.path) || !is_whole(node.host_path)) return "a device node has no path";
        if (node.permissions.find_first_not_of("rwm") != std::string::npos)
            return "a device node may be used otherwise";
    }
    for (const auto& mount : edits.mounts)
        if (!is_whole(mount.path) || !is_whole(mount.host_path)) return "a mount has no path";
    for (const auto& hook : edits.hooks)
        if (!is_whole(hook.path) || hook.moment.empty()) return "a hook is no program";
    for (const auto& variable : edits.environment)
        if (variable.name.empty() || variable.name.find('=') != std::string::npos) return "a variable has no name";
    return "";
}

}  // namespace

// What runtimes are asked to do as root.
std::string devices(std::string_view bytes) {
    const auto read = agent::read_cdi(bytes);
    if (!read) return read.error().message.empty() ? "a refusal says nothing" : "";
    for (const auto& device : *read) {
        if (device.name.empty() || device.name.find('/') != std::string::npos) return "a device has no name";
        if (device.kind.find('/') == std::string::npos) return "a device is of no kind";
    }
    return check(agent::edits_of(*read));
}

}  // namespace gyre::fuzz
