#pragma once

// What earlier runs tell of tests: how long they took, and which failed. Thread-safe.

#include <cstddef>
#include <optional>
#include <set>
#include <vector>

#include "base/result.h"
#include "model/ids.h"
#include "model/records.h"

namespace gyre {

// How much of a job's test results fits: whoever asks for it holds it in memory.
struct TestBudget {
    int tests = 40'000;
    std::size_t bytes = 6 << 20;  // of names
};

enum class TestChoice { all, failed };

struct SomeTests {
    std::vector<TestCase> tests;  // without their messages, the slowest first
    std::set<int> tasks;          // whose they are
    bool cut = false;             // there are more than fit
};

class TestHistory {
public:
    virtual ~TestHistory() = default;
    // Of each task's last attempt.
    virtual Result<SomeTests> some_tests(const JobId& job, TestChoice choice, const TestBudget& budget) = 0;

    // Whose results tell how long the job's tests will take: of the newest 500 builds of its project and name before it
    // the newest one that succeeded and has test results; one of the same branch is preferred. Builds of a fork's
    // commits tell nobody anything, nor do those that ran only what had failed. What is answered first stands for good,
    // whatever ends meanwhile: all tasks of a job, and all tries of them, hear the same. not_found: no such job.
    virtual Result<std::optional<JobId>> timings_source(const JobId& job) = 0;
};

}  // namespace gyre
