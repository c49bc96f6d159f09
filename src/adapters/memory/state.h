#pragma once

// Everything the stores of this folder remember, as one value under one lock.

#include <algorithm>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/guarded.h"
#include "base/json.h"
#include "model/audit_event.h"
#include "model/orb.h"
#include "model/pipeline.h"
#include "model/project.h"
#include "model/queue_rules.h"
#include "model/records.h"
#include "model/workflow.h"
#include "ports/context_store.h"
#include "ports/keepsakes.h"
#include "ports/outbox.h"
#include "ports/project_store.h"
#include "ports/push_store.h"
#include "ports/run_records.h"
#include "ports/schedule_store.h"
#include "ports/sealed_outputs.h"
#include "ports/secret_store.h"
#include "ports/ssh_store.h"
#include "ports/workflow_store.h"

namespace gyre::memory {

struct LoggedEvent {
    EventId id;
    std::string kind;
    json::value payload;
    Timestamp at{};
};

struct StoredOrb {
    OrbRelease release;
    std::string source;
};

struct ClaimedSchedule {
    StoredSchedule schedule;
    std::optional<Timestamp> claimed_at;
};

struct Promotion {
    Timestamp at{};
    std::string by;
};

struct Records {
    std::map<int, StepRecord> steps;
    std::map<std::string, Artifact> artifacts;   // by path
    std::map<int, std::vector<TestCase>> tests;  // by batch
    std::optional<ToldManifest> manifest;
    std::optional<std::string> usage;
};

struct StoredCache {
    CacheScope scope;
    CacheEntry entry;
    Timestamp used_at{};
};

struct StoredContext {
    Context context;
    std::vector<ContextRestriction> restrictions;  // by project
};

using LayerName = std::pair<AttemptRef, int>;  // and sequence

struct State {
    std::vector<Project> projects;
    std::map<ProjectId, std::map<std::string, std::string>> refs;
    std::set<ProjectId> looked_at;
    std::map<std::pair<ProjectId, std::int64_t>, StoredPush> pushes;
    std::map<ProjectId, std::string> hook_tokens;
    std::map<std::string, std::map<std::string, StoredOrb>> orbs;  // by name and version
    std::map<std::string, Token> tokens;
    std::map<std::tuple<ProjectId, std::string, std::string>, ClaimedSchedule> schedules;  // with branch and workflow

    std::vector<UserKey> user_keys;
    std::map<JobId, std::map<std::string, SshKeep>> ssh_guests;  // with login
    std::map<AttemptRef, SshPlace> ssh_places;
    std::vector<AuditEvent> audit_events;

    std::map<SecretPlace, StoredSecret> secrets;
    std::map<ContextId, StoredContext> contexts;
    std::set<ProjectId> projects_that_trust_forks;

    std::map<ProjectId, Numbers> last_numbers;  // given out so far: first_build is the last build number
    std::vector<LoggedEvent> log;
    std::set<EventId> known_events;
    std::vector<Pipeline> pipelines;  // a pipeline's position is its index + 1
    std::vector<Workflow> workflows;  // oldest first
    std::unordered_map<PipelineId, std::size_t> pipeline_index;
    std::unordered_map<WorkflowId, std::size_t> workflow_index;
    std::unordered_map<JobId, std::size_t> workflow_of_job;
    std::deque<OutboxItem> outbox;
    std::int64_t last_outbox_id = 0;
    std::map<std::string, SerialHold> serial_holds;  // by group
    QueueRules queue_rules;                          // without organization_of
    std::map<JobId, Promotion> promotions;           // the last of each job

    // What a crash of the machine would undo now (ports/durable.h), oldest first.
    std::vector<std::function<void(State&)>> not_durable_yet;

    std::map<AttemptRef, Records> records;
    std::map<JobId, std::optional<JobId>> timings_sources;  // as first answered
    std::vector<StoredCache> caches;                        // in the order of their creation
    std::map<WorkflowId, std::map<LayerName, WorkspaceLayer>> layers;

    std::map<std::string, std::string> blobs;
    std::map<std::string, std::string> partial_blobs;
    std::map<std::string, std::int64_t> touched_blobs;          // when, in seconds of this store's own time
    std::int64_t blob_time = 0;                                 // which passes when a test says so
    std::map<std::pair<AttemptRef, int>, std::string> outputs;  // by attempt and step, as the following
    std::map<std::pair<AttemptRef, int>, std::int64_t> removed_outputs;
    std::map<std::pair<AttemptRef, int>, SealedOutput> sealed_outputs;

    // What was written so far is on the disk.
    void became_durable() { not_durable_yet.clear(); }
    // The machine crashes: of the relational stores only what is on the disk is left.
    void lose_power() {
        const auto lost = std::exchange(not_durable_yet, {});
        for (auto undo = lost.rbegin(); undo != lost.rend(); ++undo) (*undo)(*this);
    }

    const Workflow* find_workflow(const WorkflowId& id) const {
        const auto found = workflow_index.find(id);
        return found == workflow_index.end() ? nullptr : &workflows[found->second];
    }
    const Pipeline* find_pipeline(const PipelineId& id) const {
        const auto found = pipeline_index.find(id);
        return found == pipeline_index.end() ? nullptr : &pipelines[found->second];
    }
    const WorkflowJob* find_job(const JobId& id) const {
        const auto found = workflow_of_job.find(id);
        if (found == workflow_of_job.end()) return nullptr;
        const auto& jobs = workflows[found->second].jobs;
        const auto job = std::ranges::find(jobs, id, &WorkflowJob::id);
        return job == jobs.end() ? nullptr : &*job;
    }
};

using SharedState = Guarded<State>;

}  // namespace gyre::memory
