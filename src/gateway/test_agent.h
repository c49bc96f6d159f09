#pragma once

// For gateway's tests: a conductor that only does what agents cause, a launcher that launches nothing, and an agent's
// mouth.

#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "base/digest.h"
#include "base/random.h"
#include "httpd/raw_client.h"
#include "ports/front_door.h"
#include "ports/launcher.h"
#include "ports/workflow_store.h"
#include "wire/agent_protocol.h"

namespace gyre::gateway {

// Keeps to the port's contract for the four events of an attempt; everything else is refused.
class SmallConductor final : public FrontDoor {
public:
    SmallConductor(WorkflowStore& store, const Clock& clock) : store_(store), clock_(clock) {}

    Result<PipelineId> trigger(const Trigger&) override { return invalid("not here"); }
    Result<void> continue_pipeline(const HandedOver&) override { return invalid("not here"); }
    Result<void> cancel_workflow(const WorkflowId&, const std::string&) override { return invalid("not here"); }
    Result<WorkflowId> rerun(const WorkflowId&, const RerunWish&, const std::string&) override {
        return invalid("not here");
    }
    Result<void> handle(const Event& event) override {
        if (before) before(event);
        const std::lock_guard lock(mutex_);
        if (failures > 0) {
            --failures;
            return unavailable("the disk is full (as planned)");
        }
        auto applied = std::visit([&](const auto& kind) { return apply(kind); }, event);
        if (after) after(event);
        if (lost_answers == 0) return applied;
        --lost_answers;
        return unavailable("the disk may have written it (as planned)");
    }

    std::function<void(const Event&)> before;
    std::function<void(const Event&)> after;  // it is stored, and who told it has not heard yet
    int failures = 0;                         // so many next events find the store broken
    int lost_answers = 0;                     // so many next events are stored, and said not to be
    std::vector<std::string> told;  // "claimed <attempt>", "finished <attempt> <kind>", "lost <attempt> <reason>",
                                    // "refused <job> <reason>"

private:
    using Change = std::function<Result<void>(Attempt&, const Task&)>;

    Result<void> change(const AttemptRef& ref, const Change& change) {
        GYRE_TRY_ASSIGN(const auto id, store_.workflow_of(ref.job));
        GYRE_TRY_ASSIGN(auto workflow, store_.load(id));
        for (std::size_t i = 0; i < workflow.jobs.size(); ++i) {
            if (workflow.jobs[i].id != ref.job) continue;
            auto& task = workflow.jobs[i].tasks.at(static_cast<std::size_t>(ref.task));
            if (ref.attempt > static_cast<int>(task.attempts.size())) return not_found("no such attempt");
            GYRE_TRY(change(task.attempts[static_cast<std::size_t>(ref.attempt - 1)], task));
            Commit commit{.event = EventId{random_uuid()}, .kind = "test", .at = clock_.now()};
            commit.workflows.push_back(with_only(workflow, {i}));
            GYRE_TRY(store_.commit(commit));
            return {};
        }
        return not_found("no such job");
    }

    Result<void> apply(const TaskClaimed& event) {
        return change(event.attempt, [&](Attempt& attempt, const Task& task) -> Result<void> {
            if (attempt.token_hash == event.token_hash) return {};
            const bool canceled = task.status == TaskStatus::finished;
            if (attempt.state != AttemptState::placed || canceled) return conflict("not on offer");
            attempt.state = AttemptState::running;
            attempt.token_hash = event.token_hash;
            told.push_back("claimed " + event.attempt.id().text);
            return {};
        });
    }
    Result<void> apply(const TaskFinished& event) {
        return change(event.attempt, [&](Attempt& attempt, const Task&) -> Result<void> {
            if (attempt.state == AttemptState::finished && attempt.outcome == event.outcome) return {};
            if (attempt.state == AttemptState::finished) return conflict("the attempt is over");
            return end(attempt, event.outcome, "finished " + event.attempt.id().text + " " + kind_of(event.outcome));
        });
    }
    Result<void> apply(const TaskLost& event) {
        return change(event.attempt, [&](Attempt& attempt, const Task&) -> Result<void> {
            if (attempt.state == AttemptState::finished) return {};
            return end(attempt, InfrastructureFailed{event.reason},
                       "lost " + event.attempt.id().text + " " + event.reason);
        });
    }
    Result<void> apply(const ContextsRefused& event) {
        told.push_back("refused " + event.job.text + " " + event.reason);
        return {};
    }
    Result<void> apply(const auto&) { return invalid("not here"); }

    Result<void> end(Attempt& attempt, Outcome outcome, std::string text) {
        attempt.state = AttemptState::finished;
        attempt.outcome = std::move(outcome);
        told.push_back(std::move(text));
        return {};
    }
    static std::string kind_of(const Outcome& outcome) {
        return std::visit([](const auto& kind) { return std::string(kind.kind); }, outcome);
    }

    WorkflowStore& store_;
    const Clock& clock_;
    std::mutex mutex_;
};

class FakeLauncher final : public Launcher {
public:
    Result<void> ensure_waiting(int) override { return {}; }
    Result<void> keep_waiting(int) override { return {}; }
    void waits(std::int64_t process) override { waiting.push_back(process); }
    bool took(std::int64_t process, const std::string& attempt_id) override {
        if (process == gone) return false;
        taken.push_back(std::to_string(process) + " " + attempt_id);
        return true;
    }
    void on_death(std::function<void(const std::string&)> call) override { die = std::move(call); }
    void kill(const std::string& attempt_id) override { killed.push_back(attempt_id); }

    std::int64_t gone = -1;  // a process that has ended
    std::vector<std::int64_t> waiting;
    std::vector<std::string> taken;
    std::vector<std::string> killed;
    std::function<void(const std::string&)> die;
};

// One agent process. Every call makes its own connection.
class AgentMouth {
public:
    explicit AgentMouth(std::string socket, std::int64_t process = 100)
        : socket_(std::move(socket)), process_(process) {}

    httpd::RawAnswer claim(int wait_ms = 0, const std::string& key = "launch key") {
        const wire::ClaimRequest request{.client = "here", .process = process_, .wait_ms = wait_ms};
        const auto answer = httpd::RawClient(socket_).request("POST", "/agent/v1/claim", to_json_text(request),
                                                              "Authorization: Bearer " + key + "\r\n");
        if (answer.status == 200) assignment = *from_json_text<wire::Assignment>(answer.body);
        return answer;
    }

    httpd::RawAnswer call(const std::string& method, const std::string& path, const std::string& body = {}) {
        return httpd::RawClient(socket_).request(method, "/agent/v1/attempts/" + assignment.attempt.id().text + path,
                                                 body, "Authorization: Bearer " + assignment.token + "\r\n");
    }
    template <typename T>
    httpd::RawAnswer post(const std::string& path, const T& value) {
        return call("POST", path, to_json_text(value));
    }
    httpd::RawAnswer output(std::int64_t offset, const std::string& bytes, int step = 101) {
        return call("PUT", "/output/" + std::to_string(step) + "?offset=" + std::to_string(offset), bytes);
    }
    std::string blob(const std::string& bytes) {
        const std::string name = sha256_hex(bytes);
        call("PUT", "/blobs/" + name + "?offset=0&size=" + std::to_string(bytes.size()), bytes);
        return name;
    }
    httpd::RawAnswer finish(Outcome outcome = Succeeded{}) { return post("/finish", wire::Finish{std::move(outcome)}); }

    wire::Assignment assignment;

private:
    std::string socket_;
    std::int64_t process_;
};

}  // namespace gyre::gateway
