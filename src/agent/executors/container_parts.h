#pragma once

// What boxes of containers have in common, whether an engine holds them or nobody. Thread-safe.

#include <sys/resource.h>

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "base/fd.h"
#include "base/result.h"
#include "model/resource_class.h"
#include "wire/agent_protocol.h"

namespace gyre::agent {

// This process's hard limit; 0: there is none.
std::int64_t hard_limit(__rlimit_resource which);

// Whether this host hands the cores of whatever crashes to a program of its root.
bool cores_go_to_a_program();

// A container's configuration lies on a disk, and engines show it to whoever may ask. Steps are given secrets with
// their own environment.
Environment without(const Environment& secrets, Environment environment);

// How a container ended, as far as its engine or runtime tells.
struct ContainerEnd {
    int exit_code = 0;
    bool out_of_memory = false;
};
// "2048 MB"
std::string memory_limit_text(const Resources& resources, bool is_limited);
// "; its last output:\n..."; empty where there is none.
std::string quoted_output(std::string output);

// What is told of containers; `memory` is a memory_limit_text(). Of one that does not start, which is the job's doing
// when what it names is not in its image: engines and runtimes do not tell that but by words.
Error explain_start(const std::string& image, bool runs_ours, const std::string& said);
// Of the primary that ended before the first step; `own` runs what the job or the image names.
Error explain_end(const std::string& image, const ContainerEnd& end, const std::string& memory,
                  const std::string& output, bool own);
// Of the primary that ended later.
std::string primary_trouble(const ContainerEnd& end, const std::string& memory);
// Of a service: a step may have failed because it had. Empty: it ended as it should.
std::string service_trouble(const std::string& image, const ContainerEnd& end, const std::string& memory);

bool says_any(std::string_view message, std::initializer_list<std::string_view> words);

// Whether the other end of a supervisor's connection is gone.
bool has_ended(const Fd& connection);

}  // namespace gyre::agent
