#pragma once

#include "adapters/memory/state.h"
#include "adapters/memory/trouble.h"
#include "ports/run_records.h"

namespace gyre::memory {

class MemoryRunRecords final : public RunRecords {
public:
    MemoryRunRecords(SharedState& state, Trouble& trouble) : state_(state), trouble_(trouble) {}

    Result<void> save_steps(const AttemptRef& attempt, const std::vector<StepRecord>& steps, Durable durable) override;
    Result<void> add_artifact(const AttemptRef& attempt, const Artifact& artifact) override;
    Result<void> add_tests(const AttemptRef& attempt, int batch, const std::vector<TestCase>& tests) override;
    Result<void> save_manifest(const AttemptRef& attempt, const ToldManifest& manifest, Durable durable) override;
    Result<void> save_usage(const AttemptRef& attempt, const std::string& body, Durable durable) override;
    Result<std::vector<StepRecord>> steps(const AttemptRef& attempt) override;
    Result<std::vector<Artifact>> artifacts(const JobId& job) override;
    Result<std::vector<TestCase>> tests(const JobId& job) override;
    Result<std::optional<std::string>> manifest(const AttemptRef& attempt) override;
    Result<std::vector<ToldUsage>> usages(const UsageQuery& query) override;

private:
    SharedState& state_;
    Trouble& trouble_;
};

}  // namespace gyre::memory
