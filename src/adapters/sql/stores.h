#pragma once

// The relational stores of ports/ over the connections to one database. The object owns the connections and the ports;
// references to them live as long as it does. Thread-safe. adapters/sqlite and adapters/postgres open it.

#include <memory>
#include <string>

#include "adapters/sql/audit_log.h"
#include "adapters/sql/connections.h"
#include "adapters/sql/context_store.h"
#include "adapters/sql/installation_record.h"
#include "adapters/sql/keepsakes.h"
#include "adapters/sql/orb_store.h"
#include "adapters/sql/outbox.h"
#include "adapters/sql/pipeline_reads.h"
#include "adapters/sql/project_store.h"
#include "adapters/sql/push_store.h"
#include "adapters/sql/queue_rules.h"
#include "adapters/sql/run_records.h"
#include "adapters/sql/schedule_store.h"
#include "adapters/sql/sealed_outputs.h"
#include "adapters/sql/secret_store.h"
#include "adapters/sql/servers.h"
#include "adapters/sql/ssh_store.h"
#include "adapters/sql/task_queue.h"
#include "adapters/sql/test_history.h"
#include "adapters/sql/token_store.h"
#include "adapters/sql/workflow_store.h"
#include "base/result.h"

namespace gyre::sql {

class Stores {
public:
    // `server`: the name of this one among several that share the database; empty: it is alone.
    explicit Stores(std::unique_ptr<Connections> connections, std::string server = "")
        : connections_(std::move(connections)), server_(std::move(server)) {}

    WorkflowStore& workflow_store() { return workflow_store_; }
    Outbox& outbox() { return outbox_; }
    TaskQueue& task_queue() { return task_queue_; }
    QueueRuleStore& queue_rules() { return queue_rules_; }
    RunRecords& run_records() { return run_records_; }
    TestHistory& test_history() { return test_history_; }
    Keepsakes& keepsakes() { return keepsakes_; }
    PipelineReads& pipeline_reads() { return pipeline_reads_; }
    ProjectStore& project_store() { return project_store_; }
    PushStore& push_store() { return push_store_; }
    OrbStore& orb_store() { return orb_store_; }
    ScheduleStore& schedule_store() { return schedule_store_; }
    SqlTokenStore& token_store() { return token_store_; }
    SshStore& ssh_store() { return ssh_store_; }
    SecretStore& secret_store() { return secret_store_; }
    ContextStore& context_store() { return context_store_; }
    AuditLog& audit_log() { return audit_log_; }
    SqlSealedOutputs& sealed_outputs() { return sealed_outputs_; }
    Servers& servers() { return servers_; }
    InstallationRecord& installation() { return installation_; }

    // Whether the database answers; for readiness. Cheap.
    Result<void> health();

private:
    std::unique_ptr<Connections> connections_;
    std::string server_;
    SqlWorkflowStore workflow_store_{*connections_};
    SqlOutbox outbox_{*connections_, server_};
    SqlTaskQueue task_queue_{*connections_, server_};
    SqlQueueRules queue_rules_{*connections_};
    SqlRunRecords run_records_{*connections_};
    SqlTestHistory test_history_{*connections_};
    SqlKeepsakes keepsakes_{*connections_};
    SqlPipelineReads pipeline_reads_{*connections_};
    SqlProjectStore project_store_{*connections_};
    SqlPushStore push_store_{*connections_};
    SqlOrbStore orb_store_{*connections_};
    SqlScheduleStore schedule_store_{*connections_};
    SqlTokenStore token_store_{*connections_};
    SqlSshStore ssh_store_{*connections_};
    SqlSecretStore secret_store_{*connections_};
    SqlContextStore context_store_{*connections_};
    SqlAuditLog audit_log_{*connections_};
    SqlSealedOutputs sealed_outputs_{*connections_};
    Servers servers_{*connections_};
    InstallationRecord installation_{*connections_};
};

}  // namespace gyre::sql
