#pragma once

// What agents report about an attempt, beside its end: steps, artifacts, test results, its manifest, what it used.
// Every write is idempotent: the same report again changes nothing. Durable on return unless asked otherwise.
// Thread-safe.

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/event.h"
#include "model/records.h"
#include "ports/durable.h"

namespace gyre {

// What an attempt ran with, as its agent told it and as it was checked (model/job_manifest.h).
struct ToldManifest {
    std::string body;                // JSON
    std::vector<std::string> trees;  // blobs that it names; kept from now on: Keepsakes::release_trees()
    Timestamp told_at{};
};

// What an attempt used of its machine.
struct ToldUsage {
    int task = 0;
    int attempt = 1;
    std::string body;  // JSON, as it was checked (model/resource_usage.h)
    bool operator==(const ToldUsage&) const = default;
};

// A page of what the attempts of a job used: those behind a place in the order of tasks and attempts.
struct UsageQuery {
    JobId job;
    std::optional<int> task = {};     // of this one alone
    std::optional<int> attempt = {};  // likewise
    int after_task = -1;
    int after_attempt = 0;
    int limit = 50;  // rows; each is up to 64 kB
};

class RunRecords {
public:
    virtual ~RunRecords() = default;
    virtual Result<void> save_steps(const AttemptRef& attempt, const std::vector<StepRecord>& steps,
                                    Durable durable = Durable::now) = 0;
    virtual Result<void> add_artifact(const AttemptRef& attempt, const Artifact& artifact) = 0;  // by (attempt, path)
    // Appends; `batch` (0, 1, ...) makes a repeated call harmless.
    virtual Result<void> add_tests(const AttemptRef& attempt, int batch, const std::vector<TestCase>& tests) = 0;

    virtual Result<void> save_manifest(const AttemptRef& attempt, const ToldManifest& manifest,
                                       Durable durable = Durable::now) = 0;
    virtual Result<void> save_usage(const AttemptRef& attempt, const std::string& body,
                                    Durable durable = Durable::now) = 0;

    virtual Result<std::vector<StepRecord>> steps(const AttemptRef& attempt) = 0;        // by index
    virtual Result<std::vector<Artifact>> artifacts(const JobId& job) = 0;               // of each task's last attempt
    virtual Result<std::vector<TestCase>> tests(const JobId& job) = 0;                   // failures first
    virtual Result<std::optional<std::string>> manifest(const AttemptRef& attempt) = 0;  // its body
    virtual Result<std::vector<ToldUsage>> usages(const UsageQuery& query) = 0;          // by task and attempt
};

}  // namespace gyre
