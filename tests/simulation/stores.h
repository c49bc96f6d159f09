#pragma once

// One server's connection to the stores that all servers share: fails at random, or lets the server die on the way, and
// shows the watcher every change that is made. Planted faults of the stores live here.

#include "adapters/memory/blob_store.h"
#include "adapters/memory/keepsakes.h"
#include "adapters/memory/outbox.h"
#include "adapters/memory/output_store.h"
#include "adapters/memory/pipeline_reads.h"
#include "adapters/memory/project_store.h"
#include "adapters/memory/push_store.h"
#include "adapters/memory/run_records.h"
#include "adapters/memory/schedule_store.h"
#include "adapters/memory/task_queue.h"
#include "adapters/memory/test_history.h"
#include "adapters/memory/trouble.h"
#include "adapters/memory/workflow_store.h"
#include "ports/contract/forwarded_workflow_store.h"
#include "simulation/disk.h"
#include "simulation/watcher.h"

namespace gyre::simulation {

// The server dies here and now.
struct Crash {};

class WatchedWorkflows final : public contract::ForwardedWorkflowStore {
public:
    WatchedWorkflows(Stage& stage, Watcher& watcher, memory::SharedState& state, memory::Trouble& trouble)
        : ForwardedWorkflowStore(store_), stage_(stage), watcher_(watcher), state_(state), store_(state, trouble) {}

    Result<Committed> commit(const Commit& commit) override;

private:
    void spoil(Commit& commit);
    void spoil_stored(const Commit& commit, memory::State& state);

    Stage& stage_;
    Watcher& watcher_;
    memory::SharedState& state_;
    memory::MemoryWorkflowStore store_;
};

class WatchedOutbox final : public Outbox {
public:
    WatchedOutbox(Watcher& watcher, memory::SharedState& state, memory::Trouble& trouble)
        : watcher_(watcher), store_(state, trouble) {}
    Result<std::vector<OutboxItem>> pending(int limit) override;
    Result<void> done(const std::vector<std::int64_t>& ids) override;

private:
    Watcher& watcher_;
    memory::MemoryOutbox store_;
    std::vector<OutboxItem> read_;
};

class WatchedQueue final : public TaskQueue {
public:
    WatchedQueue(Stage& stage, memory::SharedState& state, memory::Trouble& trouble)
        : stage_(stage), store_(state, trouble) {}
    Result<std::vector<QueuedTask>> queued_after(const QueuePlace& place, int limit) override;
    Result<std::vector<LiveAttempt>> live() override;

private:
    Stage& stage_;
    memory::MemoryTaskQueue store_;
};

class WatchedOutput final : public OutputStore {
public:
    WatchedOutput(Stage& stage, Watcher& watcher, Disk& disk, memory::Trouble& trouble)
        : stage_(stage), watcher_(watcher), disk_(disk), store_(disk.state, trouble) {}
    Result<Appended> append(const OutputName& name, std::int64_t offset, std::string_view bytes) override;
    Result<std::int64_t> length(const OutputName& name) override { return store_.length(name); }
    Result<std::string> read(const OutputName& name, std::int64_t offset, std::size_t bytes) override {
        return store_.read(name, offset, bytes);
    }

private:
    std::int64_t length_now(const OutputName& name);

    Stage& stage_;
    Watcher& watcher_;
    Disk& disk_;
    memory::MemoryOutputStore store_;
};

struct ServerStores {
    ServerStores(Stage& stage, Watcher& watcher, Disk& disk);

    // For so long nothing here answers.
    void out_of_reach_until(Duration until) { away_until_ = until; }

    memory::Trouble trouble;
    WatchedWorkflows workflows;
    WatchedOutbox outbox;
    WatchedQueue queue;
    WatchedOutput output;
    memory::MemoryRunRecords records;
    memory::MemoryKeepsakes keepsakes;
    memory::MemoryTestHistory test_history;
    memory::MemoryProjectStore projects;
    memory::MemoryPushStore pushes;
    memory::MemoryScheduleStore schedules;
    memory::MemoryBlobStore blobs;

private:
    std::optional<memory::Mishap> mishap(std::string_view operation);

    Stage& stage_;
    Duration away_until_{};
};

}  // namespace gyre::simulation
