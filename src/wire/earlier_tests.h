#pragma once

// What earlier runs tell a job about its tests, and where its steps find it: the directory that
// CIRCLE_INTERNAL_TASK_DATA names holds
//   circle-test-results/results.json  {"tests": [{"classname", "file", "name", "result", "run_time" in s, "source"}]}:
//                                     results of an earlier build of the same name; none: there is no file
//   circle-test-results/failed.json   a FailedBefore; there is one in reruns of failed tests only
// All tasks of a job, and all tries of them, get the same: that is why their shares of a list of tests fit together.

#include <boost/describe.hpp>

#include <string>
#include <vector>

namespace gyre::wire {

inline constexpr const char* task_data_variable = "CIRCLE_INTERNAL_TASK_DATA";
inline constexpr const char* earlier_results_file = "circle-test-results/results.json";
inline constexpr const char* failed_tests_file = "circle-test-results/failed.json";

struct EarlierTest {
    std::string classname;
    std::string file;
    std::string name;
    std::string result;
    double run_time = 0;  // seconds
    std::string source;
};

struct FailedBefore {
    std::string job;  // "job 17"
    std::vector<EarlierTest> tests;
    std::string all_because;  // why all tests must run again; empty: those that failed will do
};

struct EarlierTests {
    std::string source;  // "job 41 (main)"; empty: no earlier build tells anything
    std::vector<EarlierTest> tests;
    bool cut = false;  // the fastest are left out
    FailedBefore failed;
};

BOOST_DESCRIBE_STRUCT(EarlierTest, (), (classname, file, name, result, run_time, source))
BOOST_DESCRIBE_STRUCT(FailedBefore, (), (job, tests, all_because))
BOOST_DESCRIBE_STRUCT(EarlierTests, (), (source, tests, cut, failed))

}  // namespace gyre::wire
