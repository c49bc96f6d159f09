#pragma once

// Every store of ports/ in memory, for tests of other modules and for trying things out. They keep the ports' promises
// (the contract suites say so) except durability, and misbehave when told to: see trouble.h. References between things
// (a pipeline's project, a record's attempt) are not enforced, so a test needs to make only what it speaks of.
// Thread-safe. The object owns the ports; references to them live as long as it does.

#include "adapters/memory/audit_log.h"
#include "adapters/memory/blob_store.h"
#include "adapters/memory/context_store.h"
#include "adapters/memory/keepsakes.h"
#include "adapters/memory/orb_store.h"
#include "adapters/memory/outbox.h"
#include "adapters/memory/output_store.h"
#include "adapters/memory/pipeline_reads.h"
#include "adapters/memory/project_store.h"
#include "adapters/memory/push_store.h"
#include "adapters/memory/queue_rules.h"
#include "adapters/memory/run_records.h"
#include "adapters/memory/schedule_store.h"
#include "adapters/memory/sealed_outputs.h"
#include "adapters/memory/secret_store.h"
#include "adapters/memory/ssh_store.h"
#include "adapters/memory/state.h"
#include "adapters/memory/task_queue.h"
#include "adapters/memory/test_history.h"
#include "adapters/memory/trouble.h"
#include "adapters/memory/workflow_store.h"

namespace gyre::memory {

class MemoryStores {
public:
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
    TokenStore& token_store() { return token_store_; }
    SshStore& ssh_store() { return ssh_store_; }
    SecretStore& secret_store() { return secret_store_; }
    ContextStore& context_store() { return context_store_; }
    AuditLog& audit_log() { return audit_log_; }
    MemoryBlobStore& blob_store() { return blob_store_; }
    RawOutputs& output_store() { return output_store_; }
    SealedOutputs& sealed_outputs() { return sealed_outputs_; }

    Trouble& trouble() { return trouble_; }
    SharedState& state() { return state_; }  // to look behind the ports: state().lock()->log

private:
    SharedState state_;
    Trouble trouble_;
    MemoryWorkflowStore workflow_store_{state_, trouble_};
    MemoryOutbox outbox_{state_, trouble_};
    MemoryTaskQueue task_queue_{state_, trouble_};
    MemoryQueueRules queue_rules_{state_, trouble_};
    MemoryRunRecords run_records_{state_, trouble_};
    MemoryTestHistory test_history_{state_, trouble_};
    MemoryKeepsakes keepsakes_{state_, trouble_};
    MemoryPipelineReads pipeline_reads_{state_, trouble_};
    MemoryProjectStore project_store_{state_, trouble_};
    MemoryPushStore push_store_{state_, trouble_};
    MemoryOrbStore orb_store_{state_, trouble_};
    MemoryScheduleStore schedule_store_{state_, trouble_};
    MemoryTokenStore token_store_{state_, trouble_};
    MemorySshStore ssh_store_{state_, trouble_};
    MemorySecretStore secret_store_{state_, trouble_};
    MemoryContextStore context_store_{state_, trouble_};
    MemoryAuditLog audit_log_{state_, trouble_};
    MemoryBlobStore blob_store_{state_, trouble_};
    MemoryOutputStore output_store_{state_, trouble_};
    MemorySealedOutputs sealed_outputs_{state_, trouble_};
};

}  // namespace gyre::memory
