#include "gateway/earlier_tests.h"

#include <algorithm>
#include <utility>

namespace gyre::gateway {
namespace {

// With what is_plain() leaves, the answer has less than the 16 MiB that an agent takes (base/http_client.h): as JSON a
// name is at most twice as long, and a test has some 100 bytes more.
constexpr TestBudget most_timings{.tests = 40'000, .bytes = 4 << 20};
constexpr TestBudget most_failures{.tests = 5'000, .bytes = 1 << 20};

std::string named(const WorkflowJob& job) { return "job " + std::to_string(job.number); }

// No reader of ours leaves a control character (agent/junit.h), of which JSON makes six.
bool is_plain(const TestCase& test) {
    const auto has_control = [](const std::string& text) {
        return std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < ' '; });
    };
    return !has_control(test.classname) && !has_control(test.file) && !has_control(test.name) &&
           !has_control(test.source);
}

std::vector<wire::EarlierTest> told(std::vector<TestCase> tests) {
    std::vector<wire::EarlierTest> all;
    all.reserve(tests.size());
    for (auto& test : tests) {
        all.push_back({std::move(test.classname), std::move(test.file), std::move(test.name),
                       std::string(name_of(test.result)), test.run_time, std::move(test.source)});
    }
    return all;
}

Result<void> add_timings(const JobId& job, WorkflowStore& workflows, TestHistory& history, wire::EarlierTests& all) {
    GYRE_TRY_ASSIGN(const auto source, history.timings_source(job));
    if (!source) return {};
    GYRE_TRY_ASSIGN(const auto from, workflows.load_job(*source));
    GYRE_TRY_ASSIGN(const auto pipeline, workflows.load_pipeline(from.pipeline));
    const auto& trigger = pipeline.trigger;
    GYRE_TRY_ASSIGN(auto some, history.some_tests(*source, TestChoice::all, most_timings));
    all.source = named(from.jobs.front()) + " (" + (trigger.branch.empty() ? trigger.tag : trigger.branch) + ")";
    std::erase_if(some.tests, [](const TestCase& test) { return !is_plain(test); });
    all.tests = told(std::move(some.tests));
    all.cut = some.cut;
    return {};
}

Result<void> add_failed(const JobId& before, WorkflowStore& workflows, TestHistory& history, wire::FailedBefore& all) {
    GYRE_TRY_ASSIGN(const auto from, workflows.load_job(before));
    GYRE_TRY_ASSIGN(auto some, history.some_tests(before, TestChoice::failed, most_failures));
    all.job = named(from.jobs.front());
    all.all_because = why_all_tests(from.jobs.front(), some);
    if (!std::ranges::all_of(some.tests, is_plain)) {
        all.all_because = "the name of a test that failed holds control characters";
        some.tests.clear();
    }
    all.tests = told(std::move(some.tests));
    return {};
}

}  // namespace

std::string why_all_tests(const WorkflowJob& before, const SomeTests& failed) {
    if (failed.cut) return "more tests failed than are remembered";
    for (const auto& task : before.tasks) {
        if (task.attempts.empty() || !task.attempts.back().outcome) return "not all of it ran";
        const auto& outcome = *task.attempts.back().outcome;
        if (std::holds_alternative<Succeeded>(outcome)) continue;
        if (std::holds_alternative<Failed>(outcome) && failed.tasks.contains(task.index)) continue;
        return "its task " + std::to_string(task.index) + " ended without a result that failed";
    }
    return failed.tests.empty() ? "no test of it failed" : "";
}

Result<wire::EarlierTests> earlier_tests(const JobId& job, WorkflowStore& workflows, TestHistory& history) {
    GYRE_TRY_ASSIGN(const auto asking, workflows.load_job(job));
    wire::EarlierTests all;
    GYRE_TRY(add_timings(job, workflows, history, all));
    const auto& before = asking.jobs.front().failed_tests_of;
    if (before) GYRE_TRY(add_failed(*before, workflows, history, all.failed));
    return all;
}

}  // namespace gyre::gateway
