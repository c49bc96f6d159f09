#pragma once

// The relational stores of ports/ in one SQLite file: the embedded default. The object owns the connections and the
// ports; references to them live as long as it does. Thread-safe; writers take turns, readers never wait for them.
//
// open_sqlite() creates the file or brings its schema up to date. Errors: unavailable (no such folder, no permission,
// disk full, locked by another process), corrupt (not a database, or damaged), invalid (written by a newer version).

#include <filesystem>
#include <memory>

#include "adapters/sqlite/connections.h"
#include "adapters/sqlite/keepsakes.h"
#include "adapters/sqlite/orb_store.h"
#include "adapters/sqlite/outbox.h"
#include "adapters/sqlite/pipeline_reads.h"
#include "adapters/sqlite/project_store.h"
#include "adapters/sqlite/push_store.h"
#include "adapters/sqlite/run_records.h"
#include "adapters/sqlite/task_queue.h"
#include "adapters/sqlite/token_store.h"
#include "adapters/sqlite/workflow_store.h"
#include "base/result.h"

namespace gyre::sqlite {

class SqliteStores {
public:
    explicit SqliteStores(std::unique_ptr<Connections> connections) : connections_(std::move(connections)) {}

    WorkflowStore& workflow_store() { return workflow_store_; }
    Outbox& outbox() { return outbox_; }
    TaskQueue& task_queue() { return task_queue_; }
    RunRecords& run_records() { return run_records_; }
    Keepsakes& keepsakes() { return keepsakes_; }
    PipelineReads& pipeline_reads() { return pipeline_reads_; }
    ProjectStore& project_store() { return project_store_; }
    PushStore& push_store() { return push_store_; }
    OrbStore& orb_store() { return orb_store_; }
    TokenStore& token_store() { return token_store_; }

    // Whether the database answers; for readiness. Cheap.
    Result<void> health();

private:
    std::unique_ptr<Connections> connections_;
    SqliteWorkflowStore workflow_store_{*connections_};
    SqliteOutbox outbox_{*connections_};
    SqliteTaskQueue task_queue_{*connections_};
    SqliteRunRecords run_records_{*connections_};
    SqliteKeepsakes keepsakes_{*connections_};
    SqlitePipelineReads pipeline_reads_{*connections_};
    SqliteProjectStore project_store_{*connections_};
    SqlitePushStore push_store_{*connections_};
    SqliteOrbStore orb_store_{*connections_};
    SqliteTokenStore token_store_{*connections_};
};

Result<std::unique_ptr<SqliteStores>> open_sqlite(const std::filesystem::path& path);

}  // namespace gyre::sqlite
