#pragma once

// Images of the OCI's form without an engine: made by umoci, sent to a registry by skopeo.

#include <string>
#include <vector>

#include "base/result.h"
#include "support/engines.h"

namespace gyre::test {

// Why jobs cannot run from images without an engine here, for GTEST_SKIP; empty when they can.
std::string oci_need();

// This thread, and what it starts, stands in that network from here on: the registry is there.
Result<void> enter_network(const PrivateNetwork& network);

struct OciSample {
    std::string name;  // in the registry
    std::string tag = "1";
    std::string root;                        // a directory with its files
    std::vector<std::string> settings = {};  // of `umoci config`: "--config.user", "ci", ...
};

// Files on their way go below `directory`.
Result<void> publish_oci(const RunningRegistry& registry, const std::string& directory, const OciSample& sample);

}  // namespace gyre::test
