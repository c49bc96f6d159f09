#pragma once

#include "adapters/memory/state.h"
#include "adapters/memory/trouble.h"
#include "ports/test_history.h"

namespace gyre::memory {

class MemoryTestHistory final : public TestHistory {
public:
    MemoryTestHistory(SharedState& state, Trouble& trouble) : state_(state), trouble_(trouble) {}

    Result<SomeTests> some_tests(const JobId& job, TestChoice choice, const TestBudget& budget) override;
    Result<std::optional<JobId>> timings_source(const JobId& job) override;

private:
    SharedState& state_;
    Trouble& trouble_;
};

}  // namespace gyre::memory
