#pragma once

// How the agent talks to the supervisor, the first process inside a job's sandbox or container (`gyre-injob
// supervise`). Steps are children of the supervisor: they have its namespaces, its seccomp filter and its lack of
// capabilities, which a process that enters from outside (nsenter) would not.
//
// Transport: one unix SOCK_SEQPACKET connection. Agent -> supervisor: a message of one byte 's' with SCM_RIGHTS
// [request, stdin, stdout, stderr] where `request` is a memfd (or file) holding a SpawnRequest as JSON (so that size is
// not bound by the socket's); or a JSON SignalRequest as text starting with '{'. Supervisor -> agent: JSON Report
// texts. When the connection closes the supervisor kills every process it can see but itself, and exits: an agent that
// dies takes its job's processes with it. The supervisor reaps orphans (it is pid 1, or a subreaper).

#include <boost/describe.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/step.h"

namespace gyre::wire {

// Where the job's tools and the supervisor's files stand inside every job.
inline constexpr const char* injob_directory = "/run/gyre";  // holds `gyre-injob`, `circleci`, `circleci-agent`
// Set by a box without walls, for every process of the attempt: what outlives its supervisor is known by it.
inline constexpr const char* attempt_variable = "GYRE_ATTEMPT";
inline constexpr const char* control_socket = "/run/gyre/ctl.sock";  // containers only: the supervisor connects to it
// Containers only: the system calls that steps may not make where the container has no_new_privs, beside those that the
// engine refuses; compiled BPF.
inline constexpr const char* system_call_filter = "/run/gyre/filter";

struct SpawnRequest {
    std::int64_t id = 0;            // chosen by the agent, echoed in the reports
    std::vector<std::string> argv;  // argv[0] is looked up in the PATH of `environment`
    std::string script;             // non-empty: written to a private file whose path is appended to argv
    Environment environment;        // the whole environment; `extend` false
    bool extend = true;             // true: on top of the environment that the supervisor was started with
    // Whatever PATH comes of it, the supervisor puts injob_directory in front of it where it is not in it yet.
    std::string working_directory;  // `~` allowed; created when `make_directory`
    bool make_directory = true;
};

struct SignalRequest {
    std::int64_t id =
        0;  // of the spawned process; its whole session gets the signal. 0: every process but the supervisor
    int signal = 0;
};

struct Report {
    std::int64_t id = 0;
    bool hello = false;  // first report: the supervisor is ready; home, user and environment below are set
    bool started = false;
    std::optional<int> exit_code;  // exited
    std::optional<int> signal;     // killed by
    bool halted = false;           // with an end: the file that the process's GYRE_HALT_FILE names exists
    std::string error;             // could not be started: "bash: no such file or directory"
    std::int64_t run_time_us = 0;
    std::string home;       // with hello
    std::string user;       // with hello
    bool has_bash = false;  // with hello: /bin/bash exists
};

BOOST_DESCRIBE_STRUCT(SpawnRequest, (), (id, argv, script, environment, extend, working_directory, make_directory))
BOOST_DESCRIBE_STRUCT(SignalRequest, (), (id, signal))
BOOST_DESCRIBE_STRUCT(Report, (),
                      (id, hello, started, exit_code, signal, halted, error, run_time_us, home, user, has_bash))

}  // namespace gyre::wire
