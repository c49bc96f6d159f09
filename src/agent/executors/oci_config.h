#pragma once

// What a runtime (crun, runc) is asked to run: config.json of the OCI runtime specification, version 1.0.2, for the
// primary container and for services, beside docker_container.h, which says what containers are given. Pure.
//
// It is written anew, not taken from the image's tools: those leave out the seccomp filter, ask for a terminal, and set
// limits of their own. There is no user namespace: root inside is root, as under the engines, without the capabilities
// to mount, to trace others and to make devices, and with the sandbox's list of refused system calls for every process
// of every container. What only user namespaces allow (an image's files as they are, owned by anybody) stays possible.

#include <string>
#include <vector>

#include "agent/executors/cdi.h"
#include "agent/executors/engine_client.h"
#include "agent/executors/oci_user.h"
#include "base/json.h"
#include "base/result.h"
#include "model/plan.h"
#include "model/resource_class.h"

namespace gyre::agent {

// What an image says of how to run it.
struct OciImageConfig {
    ImageFacts facts;
    std::vector<std::string> environment;  // "NAME=value"
    std::vector<std::string> entrypoint;
    std::vector<std::string> command;
    std::string working_directory;
};

// From the text of the configuration of an image: bounded, of Linux. Without facts.id and facts.digest.
Result<OciImageConfig> read_image_config(std::string_view text);

struct OciSurroundings {
    std::string cgroup;           // absolute, below each hierarchy's root
    Resources resources;          // limit of each container; zero members limit nothing
    std::int64_t most_files = 0;  // this process's hard limit (0: none): runtimes may not be able to raise it
    bool cores_go_to_a_program = false;
    std::string hosts_file;  // shown as /etc/hosts; the next ones as /etc/hostname and /etc/resolv.conf
    std::string hostname_file;
    std::string resolver_file;
    std::string control_directory;        // primary only: shown read-only as /run/gyre
    Environment environment;              // on top of the container's own; primary only
    CdiEdits gpus;                        // of the job; primary only
    std::vector<HostDevice> gpu_devices;  // of those nodes, in their order
    std::string network;                  // a namespace's file; empty: the container gets a new one
};

// Error: `invalid`, when there is nothing to run.
Result<json::object> primary_config(const ContainerSpec& container, const OciImageConfig& image, const OciUser& user,
                                    const OciSurroundings& around);
Result<json::object> service_config(const ContainerSpec& container, const OciImageConfig& image, const OciUser& user,
                                    const OciSurroundings& around);
// The supervisor as a further process of a primary container that runs something else; the `process` of a config.
json::object supervisor_process(const ContainerSpec& container, const OciImageConfig& image, const OciUser& user,
                                const OciSurroundings& around);

// Of all containers of a job.
inline constexpr const char* oci_hostname = "job";

// /etc/hosts: localhost, and each name for it.
std::string hosts_text(const std::vector<std::string>& names);

}  // namespace gyre::agent
