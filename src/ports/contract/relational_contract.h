#pragma once

// All suites of a relational store in one line: GYRE_RELATIONAL_CONTRACT(Sqlite, SqliteWorld).

#include "ports/contract/audit_log_contract.h"
#include "ports/contract/context_store_contract.h"
#include "ports/contract/keepsakes_contract.h"
#include "ports/contract/orb_store_contract.h"
#include "ports/contract/outbox_contract.h"
#include "ports/contract/pipeline_reads_contract.h"
#include "ports/contract/project_store_contract.h"
#include "ports/contract/push_store_contract.h"
#include "ports/contract/queue_rules_contract.h"
#include "ports/contract/run_records_contract.h"
#include "ports/contract/schedule_store_contract.h"
#include "ports/contract/sealed_outputs_contract.h"
#include "ports/contract/secret_store_contract.h"
#include "ports/contract/serial_holds_contract.h"
#include "ports/contract/ssh_store_contract.h"
#include "ports/contract/task_queue_contract.h"
#include "ports/contract/test_history_contract.h"
#include "ports/contract/workflow_store_contract.h"

#define GYRE_RELATIONAL_CONTRACT(Name, World)                                           \
    INSTANTIATE_TYPED_TEST_SUITE_P(Name, WorkflowStoreContract, testing::Types<World>); \
    INSTANTIATE_TYPED_TEST_SUITE_P(Name, OutboxContract, testing::Types<World>);        \
    INSTANTIATE_TYPED_TEST_SUITE_P(Name, TaskQueueContract, testing::Types<World>);     \
    INSTANTIATE_TYPED_TEST_SUITE_P(Name, RunRecordsContract, testing::Types<World>);    \
    INSTANTIATE_TYPED_TEST_SUITE_P(Name, TestHistoryContract, testing::Types<World>);   \
    INSTANTIATE_TYPED_TEST_SUITE_P(Name, KeepsakesContract, testing::Types<World>);     \
    INSTANTIATE_TYPED_TEST_SUITE_P(Name, PipelineReadsContract, testing::Types<World>); \
    INSTANTIATE_TYPED_TEST_SUITE_P(Name, ProjectStoreContract, testing::Types<World>);  \
    INSTANTIATE_TYPED_TEST_SUITE_P(Name, PushStoreContract, testing::Types<World>);     \
    INSTANTIATE_TYPED_TEST_SUITE_P(Name, OrbStoreContract, testing::Types<World>);      \
    INSTANTIATE_TYPED_TEST_SUITE_P(Name, ScheduleStoreContract, testing::Types<World>); \
    INSTANTIATE_TYPED_TEST_SUITE_P(Name, QueueRulesContract, testing::Types<World>);    \
    INSTANTIATE_TYPED_TEST_SUITE_P(Name, SealedOutputsContract, testing::Types<World>); \
    INSTANTIATE_TYPED_TEST_SUITE_P(Name, SerialHoldsContract, testing::Types<World>);   \
    INSTANTIATE_TYPED_TEST_SUITE_P(Name, SshStoreContract, testing::Types<World>);      \
    INSTANTIATE_TYPED_TEST_SUITE_P(Name, SecretStoreContract, testing::Types<World>);   \
    INSTANTIATE_TYPED_TEST_SUITE_P(Name, ContextStoreContract, testing::Types<World>);  \
    INSTANTIATE_TYPED_TEST_SUITE_P(Name, AuditLogContract, testing::Types<World>);      \
    INSTANTIATE_TYPED_TEST_SUITE_P(Name, TokenStoreContract, testing::Types<World>)
