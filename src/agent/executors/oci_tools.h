#pragma once

// The programs of this machine that run OCI images without an engine, and how they are called.

#include <chrono>
#include <string>
#include <vector>

#include "base/process.h"
#include "base/result.h"

namespace gyre::agent {

struct OciTools {
    std::string skopeo;
    std::string umoci;
    std::vector<std::string> runtimes;  // crun, then runc: the next is tried where one refuses
    std::string slirp4netns;            // empty: jobs reach no network but their own
};

// Error: `unavailable` with what to install, or that it takes root.
Result<OciTools> find_oci_tools();
// The same, with the folders of `path` ("/usr/bin:/bin") and as that user.
Result<OciTools> find_oci_tools(const std::string& path, bool as_root);

struct ToolCall {
    std::vector<std::string> argv;  // no secrets: everybody on this machine reads them
    std::string directory;
    std::size_t output_limit = 4 << 20;
    int cancel = -1;  // a descriptor; readable: the program is killed, and the answer is `unavailable`
    std::chrono::milliseconds timeout{3'600'000};
};

// Runs it in a process group of its own, which ends with this thread. A non-zero exit code is no error.
Result<Finished> run_tool(const ToolCall& call);

// What a program of this family said, for people: the text of `time="..." level=fatal msg="..."`.
std::string said_by_tool(const std::string& err);

}  // namespace gyre::agent
