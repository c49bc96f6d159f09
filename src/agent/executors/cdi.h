#pragma once

// What a container needs to use a device of this machine, as the device's maker describes it: the Container Device
// Interface (CDI), https://github.com/cncf-tags/container-device-interface/blob/main/SPEC.md, versions 0.3 to 1.x.
// `nvidia-ctk cdi generate` writes such descriptions, YAML or JSON. They are the administrator's files: what they name
// is given to jobs as it stands. Values; read_cdi() is pure.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/step.h"

namespace gyre::agent {

struct CdiNode {
    std::string path;  // inside
    std::string host_path;
    std::string permissions = "rwm";  // some of these letters
    bool operator==(const CdiNode&) const = default;
};
struct CdiMount {
    std::string host_path;
    std::string path;  // inside
    std::vector<std::string> options;
    bool operator==(const CdiMount&) const = default;
};
// A program of the host that is run at that moment of a container's life, as the OCI runtime specification says.
struct CdiHook {
    std::string moment;  // "createContainer"
    std::string path;
    std::vector<std::string> arguments;    // with the name of the program
    std::vector<std::string> environment;  // "NAME=value"
    std::optional<int> timeout_s;
    bool operator==(const CdiHook&) const = default;
};
struct CdiEdits {
    Environment environment;
    std::vector<CdiNode> nodes;
    std::vector<CdiMount> mounts;
    std::vector<CdiHook> hooks;
    // Adds what is not here yet.
    void add(const CdiEdits& more);
};

struct CdiDevice {
    std::string kind;  // "nvidia.com/gpu"
    std::string name;  // "0"
    CdiEdits own;
    CdiEdits common;  // of every device of the description
    std::string full_name() const { return kind + "=" + name; }
};
CdiEdits edits_of(std::span<const CdiDevice> devices);

// The devices of one description. `invalid`: it is none, or larger than any should be; what is newer than we know is
// left out.
Result<std::vector<CdiDevice>> read_cdi(std::string_view text);

// The GPUs among the devices that the descriptions (*.json, *.yaml) in these directories name, separated by colons: of
// the class "gpu" of any vendor, each once, whatever number of names it has. A description in a later directory beats
// one of the same device in an earlier one. Files that cannot be read are logged and passed over.
std::vector<CdiDevice> find_gpus(const std::string& directories);
// What is this one's alone among the known ones, whatever name a later description gives it: its nodes that no other
// has, and its name.
std::vector<std::string> marks_of(const CdiDevice& device, std::span<const CdiDevice> known);
// Whether its nodes are devices of this machine: a description may be older than what it describes.
bool is_there(const CdiDevice& device);

// What a device node of this machine is.
struct HostDevice {
    char type = 'c';  // or 'b'
    std::int64_t major = 0;
    std::int64_t minor = 0;
    unsigned mode = 0;  // of access
    unsigned uid = 0;
    unsigned gid = 0;
};
// `unavailable`: there is no such node.
Result<HostDevice> find_device(const std::string& path);

}  // namespace gyre::agent
