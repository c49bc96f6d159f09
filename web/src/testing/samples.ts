// Values with everything filled in; tests name only what they are about.
import type { Attempt, AttemptUsage, Job, Pipeline, Project, Step, Task, Workflow, WorkflowJob } from "../api/types";

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

// A sample every 2 s: half of its CPUs, memory that grows to half of its limit.
export function usage(samples: number, part: Partial<AttemptUsage> = {}): AttemptUsage {
  const times = Array.from({ length: samples }, (_, index) => (index + 1) * 2000);
  const wave = (index: number) => 1 + Math.sin(index / 3);
  const counts = (each: number) => {
    let count = 0;
    return times.map((_, index) => (count += Math.round(each * wave(index))));
  };
  const columns = {
    at_ms: times,
    cpu_ms: counts(2000),
    memory_bytes: times.map((_, index) => Math.round((2 ** 31 * (index + 1)) / samples)),
    read_bytes: counts(3_000_000),
    written_bytes: counts(1_000_000),
    received_bytes: counts(400_000),
    sent_bytes: counts(20_000),
  };
  return {
    task: 0,
    attempt: 1,
    complete: true,
    cpu_share: 0.5,
    usage: {
      limits: { millicpus: 2000, memory_mb: 4096 },
      wall_ms: samples * 2000,
      totals: {
        cpu_ms: columns.cpu_ms.at(-1) ?? 0,
        memory_peak_bytes: 2 ** 31 + 2 ** 29,
        read_bytes: columns.read_bytes.at(-1) ?? 0,
        written_bytes: columns.written_bytes.at(-1) ?? 0,
        received_bytes: columns.received_bytes.at(-1) ?? 0,
        sent_bytes: columns.sent_bytes.at(-1) ?? 0,
      },
      samples: columns,
    },
    ...part,
  };
}

export function task(index: number, attempts: Attempt[], part: Partial<Task> = {}): Task {
  return { index, status: "finished", attempts, ...part };
}
