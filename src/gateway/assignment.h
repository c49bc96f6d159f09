#pragma once

// What an agent needs to know to carry out an attempt, put together from workflow, plan and project. Reads only.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "ports/project_store.h"
#include "ports/workflow_store.h"
#include "wire/agent_protocol.h"

namespace gyre::gateway {

// Everything of the assignment but token, times and limits, which are the gateway's. not_found, corrupt or unavailable;
// `denied` with a sentence for people when the job may not have a context that it names.
using AssignmentSource = std::function<Result<wire::Assignment>(const AttemptRef&)>;

// What a job may know.
struct JobSecrets {
    Environment variables;
    std::vector<wire::SshKey> ssh_keys = {};
    std::optional<wire::CheckoutKey> checkout_key = {};
    std::vector<wire::RegistryLogin> registry_logins = {};
};
struct WantedSecrets {
    std::vector<std::string> contexts;  // that the job names
    bool ssh_keys = false;              // it has a step that adds them: others need not know them
    bool checkout_key = false;          // it has a checkout step, of a remote over ssh
    // That images of its containers without an `auth` of their own lie in; each once.
    std::vector<std::string> registries = {};
    // Whose it all is, for what vouches for the job.
    PipelineId pipeline = {};
    WorkflowId workflow = {};
    JobId job = {};
    std::string person = {};  // the login of who started the workflow
    bool ssh = false;         // somebody wishes to look into it
};
// Of its project and of those contexts; their errors. Asked when an agent takes it. What is not wanted is not read, so
// that a key which cannot be read stops no job without such a step.
using SecretsSource =
    std::function<Result<JobSecrets>(const Project& project, const Trigger& trigger, const WantedSecrets& wanted)>;

// Made once: it remembers the plans that it read last. `base_url` tells, when a job is handed out, where the web UI is,
// without a slash at its end; for CIRCLE_BUILD_URL. `continuation_secret`: of the keys that
// jobs of setup workflows are given (model/continuation_key.h). `secrets`: null where jobs have none.
AssignmentSource assignment_source(WorkflowStore& workflows, ProjectStore& projects,
                                   std::function<std::string()> base_url, std::string continuation_secret,
                                   SecretsSource secrets = nullptr);

// The variables that every job has (config-language.md section 12): CI and CIRCLE_*.
Environment built_in_environment(const Project& project, const Pipeline& pipeline, const Workflow& workflow,
                                 const WorkflowJob& job, int task, const JobSpec& spec, const std::string& base_url);

}  // namespace gyre::gateway
