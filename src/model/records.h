#pragma once

// What a running job leaves behind: step records, artifacts, test results, cache entries, workspace layers. Blobs are
// named by the SHA-256 (lower-case hex) of their bytes.

#include <boost/describe.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "model/ids.h"
#include "model/status.h"

namespace gyre {

// One step's run in one task (an "action" of API v1.1). Identified by (attempt, index); a later report replaces an
// earlier one. Times are the server's: it stamps the reports (agents' clocks are not trusted); `run_time_ms` is the
// agent's own monotonic measurement.
struct StepRecord {
    int index = 0;  // 0 = "Spin up environment", the job's own steps from 101
    std::string name;
    std::string type;     // "run", "checkout", "save_cache", ...; "infrastructure" for index 0
    std::string command;  // bash_command of `run` steps; may be cut to 4 kB
    StepStatus status = StepStatus::running;
    bool background = false;
    std::optional<int> exit_code;
    std::int64_t run_time_ms = 0;
    std::optional<Timestamp> started_at;
    std::optional<Timestamp> stopped_at;
    std::int64_t output_bytes =
        0;                   // stored so far; once the step has ended, the whole, of which some may be on its way
    bool truncated = false;  // some output was left out; the output says how much
    bool operator==(const StepRecord&) const = default;
};
BOOST_DESCRIBE_STRUCT(StepRecord, (),
                      (index, name, type, command, status, background, exit_code, run_time_ms, started_at, stopped_at,
                       output_bytes, truncated))

struct Artifact {
    int task = 0;
    std::string path;  // relative, as shown and fetched; never contains ".." or NUL
    std::string blob;
    std::int64_t size = 0;  // bytes
    bool operator==(const Artifact&) const = default;
};
BOOST_DESCRIBE_STRUCT(Artifact, (), (task, path, blob, size))

struct TestCase {
    std::string name;
    std::string classname;
    std::string file;
    std::string source;  // name of the report's suite or file
    TestResult result = TestResult::success;
    double run_time = 0;  // seconds
    std::string message;  // of a failure; cut to 16 kB
    bool operator==(const TestCase&) const = default;
};
BOOST_DESCRIBE_STRUCT(TestCase, (), (name, classname, file, source, result, run_time, message))

struct CacheEntry {
    std::string key;
    std::string blob;
    std::int64_t size = 0;  // bytes of the blob
    Timestamp created_at{};
};
BOOST_DESCRIBE_STRUCT(CacheEntry, (), (key, blob, size, created_at))

struct WorkspaceLayer {
    JobId job;
    std::string job_name;
    int task = 0;
    int sequence = 0;  // order within the task
    std::string blob;
    std::int64_t size = 0;
};
BOOST_DESCRIBE_STRUCT(WorkspaceLayer, (), (job, job_name, task, sequence, blob, size))

}  // namespace gyre
