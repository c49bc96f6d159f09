#pragma once

// What an attempt is told of earlier runs of its tests (wire/earlier_tests.h). Reads only, but for the choice of whose
// timings they are, which stands from then on.

#include "base/result.h"
#include "ports/test_history.h"
#include "ports/workflow_store.h"
#include "wire/earlier_tests.h"

namespace gyre::gateway {

// not_found, corrupt or unavailable.
Result<wire::EarlierTests> earlier_tests(const JobId& job, WorkflowStore& workflows, TestHistory& history);

// Why a run of only those tests that failed could miss some of a job; empty: it cannot. It must know of each task that
// it passed, or which of its tests failed.
std::string why_all_tests(const WorkflowJob& before, const SomeTests& failed);

}  // namespace gyre::gateway
