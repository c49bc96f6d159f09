#pragma once

// What the engine is asked to make for a job: the JSON of `POST /containers/create` for the primary container and for
// service containers. Pure.
//
// The primary container runs our supervisor, unless its job or its image (label com.circleci.preserve-entrypoint)
// wants an entry point of its own; then the supervisor is started beside that. Services share the primary's network,
// so that all of them reach each other on localhost, and by the `name` of each.
// A container has no host path but the supervisor's read-only directory, is not privileged, and has the engine's
// default capabilities and seccomp profile, less NET_RAW. no-new-privileges is set where the container's user is root,
// and then the supervisor refuses more system calls (sandbox_seccomp.h), or the job when an engine left it out; other
// users keep `sudo`, which images made for CI rely on. There is no init process: the supervisor reaps, and as process 1
// it cannot be killed from within; it also asks for no extra package on the host.

#include <string>
#include <vector>

#include "agent/executors/docker_gpus.h"
#include "agent/executors/engine_client.h"
#include "base/json.h"
#include "base/result.h"
#include "model/plan.h"
#include "model/resource_class.h"

namespace gyre::agent {

// Labels of every container of ours.
inline constexpr const char* label_box = "gyre.box";      // the box's name
inline constexpr const char* label_agent = "gyre.agent";  // "<process id> <its start time>", see docker_sweep
inline constexpr const char* label_role = "gyre.role";    // "primary" or "service"

struct ContainerSurroundings {
    std::string box;
    std::string agent;            // value of label_agent
    Resources resources;          // limit of each container; zero members limit nothing
    std::int64_t most_files = 0;  // this process's hard limits (0: no limit): podman may not be able to raise them
    std::int64_t most_processes = 0;
    bool cores_go_to_a_program = false;  // of the host, which is its root's, whoever's process ended
    std::string control_directory;       // on the host; primary only
    Environment environment;             // on top of the container's own; primary only
    std::vector<std::string> names;      // of all containers, for localhost; primary only
    GpuWishes gpus = {};                 // for those of the job; primary only
};

bool keeps_entrypoint(const ContainerSpec& container, const ImageFacts& image);
std::vector<std::string> supervisor_command(const ContainerSpec& container, const ImageFacts& image);

json::object primary_body(const ContainerSpec& container, const ImageFacts& image, const EngineFacts& engine,
                          const ContainerSurroundings& around);
json::object service_body(const ContainerSpec& container, const ImageFacts& image, const EngineFacts& engine,
                          const ContainerSurroundings& around, const std::string& primary_id);

// Of a primary_body, what another container must have in common to do in its place: all but whose it is, and the
// environment, which the steps are given in any case. And the body of such a container, of which `around` says box,
// agent and control directory.
json::object likeness(json::object primary_body);
json::object body_of(json::object likeness, const ContainerSurroundings& around);

// What can be said to be wrong without asking an engine.
Result<void> check_containers(const std::vector<ContainerSpec>& containers);

}  // namespace gyre::agent
