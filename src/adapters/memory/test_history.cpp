#include "adapters/memory/test_history.h"

#include <algorithm>
#include <functional>
#include <map>

namespace gyre::memory {
namespace {

constexpr int most_builds = 500;  // that are looked at for timings

bool is_failure(const TestCase& test) { return test.result == TestResult::failure || test.result == TestResult::error; }

std::size_t size_of_names(const TestCase& test) {
    return test.name.size() + test.classname.size() + test.file.size() + test.source.size();
}

struct TestOfTask {
    int task = 0;
    TestCase test;
};

std::vector<TestOfTask> chosen_tests(const State& state, const JobId& id, TestChoice choice) {
    std::vector<TestOfTask> found;
    const auto* job = state.find_job(id);
    for (std::size_t i = 0; job && i < job->tasks.size(); ++i) {
        const Task& task = job->tasks[i];
        if (task.attempts.empty()) continue;
        const auto records = state.records.find({id, task.index, task.attempts.back().number});
        if (records == state.records.end()) continue;
        for (const auto& [batch, tests] : records->second.tests) {
            for (const auto& test : tests) {
                if (choice == TestChoice::all || is_failure(test)) found.push_back({task.index, test});
            }
        }
    }
    std::ranges::stable_sort(found, std::greater<>(), [](const TestOfTask& one) { return one.test.run_time; });
    return found;
}

// A build that can tell how long tests take; the greatest is the best.
struct Candidate {
    bool same_branch = false;
    std::int64_t number = 0;
    JobId id;
    auto operator<=>(const Candidate&) const = default;
};

std::optional<Candidate> candidate_of(const State& state, const Workflow& workflow, const WorkflowJob& job,
                                      const std::string& branch) {
    const auto* pipeline = state.find_pipeline(workflow.pipeline);
    const bool tells = job.status == JobStatus::success && !job.failed_tests_of && pipeline != nullptr &&
                       pipeline->trigger.fork.empty() && !chosen_tests(state, job.id, TestChoice::all).empty();
    if (!tells) return std::nullopt;
    return Candidate{pipeline->trigger.branch == branch, job.number, job.id};
}

std::optional<JobId> choose_source(const State& state, const Workflow& own, const WorkflowJob& asking) {
    const auto* pipeline = state.find_pipeline(own.pipeline);
    const std::string branch = pipeline ? pipeline->trigger.branch : "";
    std::map<std::int64_t, std::optional<Candidate>, std::greater<>> builds;  // by number, the newest first
    for (const auto& workflow : state.workflows) {
        if (workflow.project != own.project) continue;
        for (const auto& job : workflow.jobs) {
            if (job.name != asking.name || job.kept_from || job.number <= 0 || job.number >= asking.number) continue;
            builds[job.number] = candidate_of(state, workflow, job, branch);
        }
    }
    std::optional<Candidate> best;
    int looked_at = 0;
    for (const auto& [number, candidate] : builds) {
        if (++looked_at > most_builds) break;
        best = std::max(best, candidate);
    }
    return best ? std::optional(best->id) : std::nullopt;
}

}  // namespace

Result<SomeTests> MemoryTestHistory::some_tests(const JobId& job, TestChoice choice, const TestBudget& budget) {
    return trouble_.around("test_history.some_tests", [&]() -> Result<SomeTests> {
        SomeTests some;
        std::size_t bytes = 0;
        auto state = state_.lock();
        for (auto& [task, test] : chosen_tests(*state, job, choice)) {
            bytes += size_of_names(test);
            some.cut = std::ssize(some.tests) >= budget.tests || bytes > budget.bytes;
            if (some.cut) break;
            test.message.clear();
            some.tests.push_back(std::move(test));
            some.tasks.insert(task);
        }
        return some;
    });
}

Result<std::optional<JobId>> MemoryTestHistory::timings_source(const JobId& id) {
    return trouble_.around("test_history.timings_source", [&]() -> Result<std::optional<JobId>> {
        auto state = state_.lock();
        const auto known = state->timings_sources.find(id);
        if (known != state->timings_sources.end()) return known->second;
        const auto place = state->workflow_of_job.find(id);
        if (place == state->workflow_of_job.end()) return not_found("there is no job " + id.text);
        auto source = choose_source(*state, state->workflows[place->second], *state->find_job(id));
        state->became_durable();
        return state->timings_sources[id] = std::move(source);
    });
}

}  // namespace gyre::memory
