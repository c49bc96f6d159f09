#pragma once

// Plan: what a config means for one trigger. Names, filters and parameters are resolved; nothing in it refers to YAML.
// The Plan is stored with the pipeline; a JobSpec travels to the agent.

#include <boost/describe.hpp>

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "model/orb.h"
#include "model/status.h"
#include "model/step.h"

namespace gyre {

struct RegistryAuth {
    std::string username;  // as written; `$NAME` is expanded by the agent from the job's environment
    std::string password;
    bool operator==(const RegistryAuth&) const = default;
};
BOOST_DESCRIBE_STRUCT(RegistryAuth, (), (username, password))

struct ContainerSpec {
    std::string image;
    std::string name;  // an additional host name of a service container; may be empty
    std::vector<std::string> entrypoint;
    std::vector<std::string> command;
    std::string user;
    Environment environment;
    std::optional<RegistryAuth> auth;
    bool operator==(const ContainerSpec&) const = default;
};
BOOST_DESCRIBE_STRUCT(ContainerSpec, (), (image, name, entrypoint, command, user, environment, auth))

struct DockerExecutor {
    static constexpr std::string_view kind = "docker";
    std::vector<ContainerSpec> containers;  // at least one; the first is primary, the others share its network
    bool operator==(const DockerExecutor&) const = default;
};
struct MachineExecutor {
    static constexpr std::string_view kind = "machine";
    std::string image;  // may be empty
    bool docker_layer_caching = false;
    std::string xcode;  // of a Mac; empty: any other machine
    bool operator==(const MachineExecutor&) const = default;
};
using ExecutorSpec = std::variant<DockerExecutor, MachineExecutor>;
BOOST_DESCRIBE_STRUCT(DockerExecutor, (), (containers))
BOOST_DESCRIBE_STRUCT(MachineExecutor, (), (image, docker_layer_caching, xcode))

struct JobSpec {
    std::string name;  // the job's name in `jobs`
    ExecutorSpec executor;
    std::string resource_class;  // empty: the server's default
    std::string shell;           // empty: the agent's default
    std::string working_directory = "~/project";
    Environment environment;
    int parallelism = 1;
    std::vector<Step> steps;
    bool operator==(const JobSpec&) const = default;
};
BOOST_DESCRIBE_STRUCT(JobSpec, (),
                      (name, executor, resource_class, shell, working_directory, environment, parallelism, steps))

// How a required job must have ended for the one that requires it to run, where success is not what is asked.
struct RequiredStatuses {
    std::string job;                  // one of PlannedJob::requires_
    std::vector<JobStatus> statuses;  // any of them will do
    bool operator==(const RequiredStatuses&) const = default;
};
BOOST_DESCRIBE_STRUCT(RequiredStatuses, (), (job, statuses))

struct PlannedJob {
    std::string name;  // unique within the workflow
    JobType type = JobType::build;
    int spec = -1;                       // index into Plan::jobs; -1 for jobs that run nothing (approval, no-op)
    std::vector<std::string> requires_;  // names of jobs of this workflow; all must succeed but those named next
    std::vector<RequiredStatuses> required_statuses;
    std::vector<std::string> contexts;
    std::string serial_group;  // jobs of one serial group run one at a time; empty: none
    std::string job_group;    // of `job-groups`, by its name here: its jobs hold their serial group as one; empty: none
    std::string unavailable;  // why no agent can run it: it fails with this reason when its turn comes; empty: none
    bool operator==(const PlannedJob&) const = default;
};
BOOST_DESCRIBE_STRUCT(PlannedJob, (),
                      (name, type, spec, requires_, required_statuses, contexts, serial_group, job_group, unavailable))

struct PlannedWorkflow {
    std::string name;
    std::vector<PlannedJob> jobs;  // in the config's order; those filtered out are not here
    int max_auto_reruns = 0;       // from failed, without being asked
    bool operator==(const PlannedWorkflow&) const = default;
};
BOOST_DESCRIBE_STRUCT(PlannedWorkflow, (), (name, jobs, max_auto_reruns))

// A workflow that is to run from time to time on the branch that the plan is for.
struct PlannedSchedule {
    std::string workflow;
    std::string cron;  // checked (model/cron.h)
    bool operator==(const PlannedSchedule&) const = default;
};
BOOST_DESCRIBE_STRUCT(PlannedSchedule, (), (workflow, cron))

struct Plan {
    std::vector<JobSpec> jobs;
    std::vector<PlannedWorkflow> workflows;  // a workflow of which every job was filtered out is not here
    bool setup = false;                      // the workflow hands over the config that is to be run (once)
    std::vector<UsedOrb> orbs;               // that were imported; set by who stores the plan
    std::vector<PlannedSchedule> schedules;  // by their order in the config; each once
    bool operator==(const Plan&) const = default;
};
BOOST_DESCRIBE_STRUCT(Plan, (), (jobs, workflows, setup, orbs, schedules))

}  // namespace gyre
