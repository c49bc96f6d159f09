// Values with everything filled in; tests name only what they are about.
import type { Attempt, Job, Pipeline, Project, Step, Task, Workflow, WorkflowJob } from "../api/types";

export const T0 = Date.parse("2026-03-02T09:00:00Z");
export const at = (seconds: number, from = T0) => new Date(from + seconds * 1000).toISOString();

export function project(slug: string, part: Partial<Project> = {}): Project {
  const name = slug.split("/").pop() ?? slug;
  return {
    id: `project-${name}`,
    slug,
    name,
    organization_name: "git",
    vcs_info: {
      vcs_url: `/srv/git/${name}.git`,
      provider: "git",
      default_branch: "main",
    },
    ...part,
  };
}

export function pipeline(number: number, part: Partial<Pipeline> = {}): Pipeline {
  return {
    id: `pipeline-${number}`,
    number,
    project_slug: "git/shop",
    state: "created",
    created_at: at(0),
    updated_at: at(0),
    errors: [],
    trigger: {
      type: "webhook",
      received_at: at(0),
      actor: { login: "ada" },
    },
    vcs: {
      revision: `${number}`.padStart(2, "0").repeat(20),
      branch: "main",
      commit: { subject: "Round prices half to even" },
    },
    ...part,
  };
}

export function workflow(id: string, part: Partial<Workflow> = {}): Workflow {
  return {
    id,
    name: "build-and-test",
    status: "running",
    pipeline_id: "pipeline-1",
    pipeline_number: 1,
    project_slug: "git/shop",
    created_at: at(1),
    stopped_at: null,
    ...part,
  };
}

export function workflowJob(name: string, number: number | undefined, part: Partial<WorkflowJob> = {}): WorkflowJob {
  return {
    id: `job-${name}`,
    name,
    project_slug: "git/shop",
    type: number === undefined ? "approval" : "build",
    status: "success",
    dependencies: [],
    ...(number === undefined
      ? { approval_request_id: `job-${name}` }
      : { job_number: number, started_at: at(2), stopped_at: at(44) }),
    ...part,
  };
}

export function job(number: number, part: Partial<Job> = {}): Job {
  return {
    number,
    name: "test",
    status: "success",
    project: { slug: "git/shop", name: "shop" },
    pipeline: { id: "pipeline-1" },
    latest_workflow: { id: "workflow-1", name: "build-and-test" },
    executor: { type: "docker", resource_class: "medium" },
    parallelism: 1,
    messages: [],
    created_at: at(1),
    queued_at: at(1),
    started_at: at(2),
    stopped_at: at(44),
    duration: 42_000,
    ...part,
  };
}

export function step(index: number, name: string, part: Partial<Step> = {}): Step {
  return {
    index,
    name,
    type: index === 0 ? "infrastructure" : "run",
    command: "",
    status: "success",
    background: false,
    exit_code: 0,
    run_time_ms: 1200,
    started_at: at(2),
    stopped_at: at(4),
    output_bytes: 0,
    truncated: false,
    ...part,
  };
}

export function attempt(id: string, number: number, steps: Step[], part: Partial<Attempt> = {}): Attempt {
  return {
    id,
    number,
    state: "finished",
    client: "local",
    placed_at: at(1),
    started_at: at(2),
    stopped_at: at(44),
    outcome: { kind: "succeeded" },
    steps,
    ...part,
  };
}

export function task(index: number, attempts: Attempt[], part: Partial<Task> = {}): Task {
  return { index, status: "finished", attempts, ...part };
}
