#include "adapters/memory/run_records.h"

#include <algorithm>
#include <utility>

namespace gyre::memory {
namespace {

// What the last attempt of each task of a job left, in the order of tasks.
std::vector<const Records*> last_records(const State& state, const JobId& id) {
    std::vector<const Records*> found;
    const auto* job = state.find_job(id);
    if (!job) return found;
    for (const auto& task : job->tasks) {
        if (task.attempts.empty()) continue;
        const auto records = state.records.find({id, task.index, task.attempts.back().number});
        if (records != state.records.end()) found.push_back(&records->second);
    }
    return found;
}

bool is_asked_for(const AttemptRef& attempt, const UsageQuery& query) {
    return attempt.job == query.job && query.task.value_or(attempt.task) == attempt.task &&
           query.attempt.value_or(attempt.attempt) == attempt.attempt &&
           std::pair(attempt.task, attempt.attempt) > std::pair(query.after_task, query.after_attempt);
}

bool is_failure(const TestCase& test) { return test.result == TestResult::failure || test.result == TestResult::error; }

}  // namespace

Result<void> MemoryRunRecords::save_steps(const AttemptRef& attempt, const std::vector<StepRecord>& steps,
                                          Durable durable) {
    return trouble_.around("run_records.save_steps", [&]() -> Result<void> {
        auto state = state_.lock();
        if (durable == Durable::now) {
            state->became_durable();
        } else {
            state->not_durable_yet.emplace_back([attempt, before = state->records[attempt].steps](State& then) {
                then.records[attempt].steps = before;
            });
        }
        for (const auto& step : steps) state->records[attempt].steps.insert_or_assign(step.index, step);
        return {};
    });
}

Result<void> MemoryRunRecords::add_artifact(const AttemptRef& attempt, const Artifact& artifact) {
    return trouble_.around("run_records.add_artifact", [&]() -> Result<void> {
        auto kept = artifact;
        kept.task = attempt.task;
        auto state = state_.lock();
        state->became_durable();
        state->records[attempt].artifacts.insert_or_assign(artifact.path, std::move(kept));
        return {};
    });
}

Result<void> MemoryRunRecords::add_tests(const AttemptRef& attempt, int batch, const std::vector<TestCase>& tests) {
    return trouble_.around("run_records.add_tests", [&]() -> Result<void> {
        auto state = state_.lock();
        state->became_durable();
        state->records[attempt].tests.try_emplace(batch, tests);
        return {};
    });
}

Result<void> MemoryRunRecords::save_manifest(const AttemptRef& attempt, const ToldManifest& manifest, Durable durable) {
    return trouble_.around("run_records.save_manifest", [&]() -> Result<void> {
        auto state = state_.lock();
        if (durable == Durable::now) {
            state->became_durable();
        } else {
            state->not_durable_yet.emplace_back([attempt, before = state->records[attempt].manifest](State& then) {
                then.records[attempt].manifest = before;
            });
        }
        state->records[attempt].manifest = manifest;
        return {};
    });
}

Result<void> MemoryRunRecords::save_usage(const AttemptRef& attempt, const std::string& body, Durable durable) {
    return trouble_.around("run_records.save_usage", [&]() -> Result<void> {
        auto state = state_.lock();
        if (durable == Durable::now) {
            state->became_durable();
        } else {
            state->not_durable_yet.emplace_back([attempt, before = state->records[attempt].usage](State& then) {
                then.records[attempt].usage = before;
            });
        }
        state->records[attempt].usage = body;
        return {};
    });
}

Result<std::vector<StepRecord>> MemoryRunRecords::steps(const AttemptRef& attempt) {
    return trouble_.around("run_records.steps", [&]() -> Result<std::vector<StepRecord>> {
        std::vector<StepRecord> found;
        for (const auto& [index, step] : state_.lock()->records[attempt].steps) found.push_back(step);
        return found;
    });
}

Result<std::vector<Artifact>> MemoryRunRecords::artifacts(const JobId& job) {
    return trouble_.around("run_records.artifacts", [&]() -> Result<std::vector<Artifact>> {
        std::vector<Artifact> found;
        auto state = state_.lock();
        for (const auto* records : last_records(*state, job)) {
            for (const auto& [path, artifact] : records->artifacts) found.push_back(artifact);
        }
        return found;
    });
}

Result<std::vector<TestCase>> MemoryRunRecords::tests(const JobId& job) {
    return trouble_.around("run_records.tests", [&]() -> Result<std::vector<TestCase>> {
        std::vector<TestCase> found;
        auto state = state_.lock();
        for (const auto* records : last_records(*state, job)) {
            for (const auto& [batch, tests] : records->tests) found.insert(found.end(), tests.begin(), tests.end());
        }
        std::ranges::stable_partition(found, is_failure);
        return found;
    });
}

Result<std::optional<std::string>> MemoryRunRecords::manifest(const AttemptRef& attempt) {
    return trouble_.around("run_records.manifest", [&]() -> Result<std::optional<std::string>> {
        auto state = state_.lock();
        const auto& told = state->records[attempt].manifest;
        return told ? std::optional(told->body) : std::nullopt;
    });
}

Result<std::vector<ToldUsage>> MemoryRunRecords::usages(const UsageQuery& query) {
    return trouble_.around("run_records.usages", [&]() -> Result<std::vector<ToldUsage>> {
        std::vector<ToldUsage> found;
        auto state = state_.lock();
        for (const auto& [attempt, records] : state->records) {
            if (std::ssize(found) >= query.limit) break;
            if (records.usage && is_asked_for(attempt, query))
                found.push_back({attempt.task, attempt.attempt, *records.usage});
        }
        return found;
    });
}

}  // namespace gyre::memory
