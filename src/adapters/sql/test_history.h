#pragma once

#include "adapters/sql/connections.h"
#include "ports/test_history.h"

namespace gyre::sql {

class SqlTestHistory final : public TestHistory {
public:
    explicit SqlTestHistory(Connections& connections) : connections_(connections) {}

    Result<SomeTests> some_tests(const JobId& job, TestChoice choice, const TestBudget& budget) override;
    Result<std::optional<JobId>> timings_source(const JobId& job) override;

private:
    Connections& connections_;
};

}  // namespace gyre::sql
