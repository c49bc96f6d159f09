#pragma once

// The executor for `docker` jobs on machines without an engine: images from registries as under docker, without a
// daemon. skopeo fetches, umoci unpacks, crun or runc runs; see oci_images.h, oci_config.h and oci_pod.h.

#include <memory>

#include "agent/executor.h"
#include "agent/executors/oci_tools.h"

namespace gyre::agent {

// Without programs it can sweep only, and prepare() answers with what find_oci_tools() said.
std::unique_ptr<Executor> make_oci(Result<OciTools> tools, const ExecutorSettings& settings);

}  // namespace gyre::agent
