// The shapes of REST v2 and of Gyre's own extensions under /api/v2/gyre. Times are ISO-8601 in UTC. This file and
// paths.ts are the only places that know them; docs/api/openapi.yaml is the contract.

export type PipelineState = "created" | "errored" | "pending" | "setup-pending";
export type WorkflowStatus =
  "running" | "success" | "failed" | "failing" | "on_hold" | "canceled" | "error" | "not_run" | "unauthorized";
export type JobStatus =
  | "blocked"
  | "queued"
  | "running"
  | "on_hold"
  | "success"
  | "failed"
  | "timedout"
  | "canceled"
  | "infrastructure_fail"
  | "not_run"
  | "unauthorized";
export type TaskStatus = "waiting" | "queued" | "placed" | "running" | "finished";
export type AttemptState = "placed" | "running" | "finished";
export type OutcomeKind = "succeeded" | "failed" | "timed_out" | "canceled" | "infrastructure_failed";
export type StepStatus = "running" | "success" | "failed" | "canceled" | "timedout" | "infrastructure_fail" | "skipped";
export type TestResult = "success" | "failure" | "error" | "skipped";

export interface Page<T> {
  items: T[];
  next_page_token: string | null;
}

export interface Me {
  id: string;
  login: string;
  name: string;
}

export interface Project {
  id: string;
  slug: string;
  name: string;
  organization_name: string;
  vcs_info: { vcs_url: string; provider: string; default_branch: string };
}

export interface PipelineError {
  type: string;
  message: string; // a whole diagnostic: file:line:column, the line, a caret
}

export interface Pipeline {
  id: string;
  number: number;
  project_slug: string;
  state: PipelineState;
  created_at: string;
  updated_at?: string;
  errors: PipelineError[];
  trigger: {
    type: string;
    received_at: string;
    actor: { login: string };
  };
  vcs?: {
    revision: string;
    branch?: string;
    tag?: string;
    target_repository_url?: string;
    commit?: { subject?: string; body?: string };
  };
}

export interface PipelineConfig {
  source: string;
  compiled: string;
}

export interface Workflow {
  id: string;
  name: string;
  status: WorkflowStatus;
  pipeline_id: string;
  pipeline_number: number;
  project_slug: string;
  created_at: string;
  stopped_at: string | null;
  canceled_by?: string;
}

export interface WorkflowJob {
  id: string;
  name: string;
  project_slug: string;
  type: "build" | "approval" | "no-op";
  status: JobStatus;
  dependencies: string[];
  job_number?: number;
  started_at?: string | null;
  stopped_at?: string | null;
  approval_request_id?: string;
  approved_by?: string;
  canceled_by?: string;
  reason?: string; // why it ended as it did
}

export interface Job {
  number: number;
  name: string;
  status: JobStatus;
  project: { slug: string; name: string };
  pipeline: { id: string };
  latest_workflow: { id: string; name: string };
  executor: { resource_class: string; type?: string };
  parallelism: number;
  messages?: { type: string; message: string; reason?: string }[];
  created_at: string;
  queued_at: string;
  started_at?: string | null;
  stopped_at?: string | null;
  duration?: number | null; // milliseconds
}

export interface Step {
  index: number; // 0 = spin up environment, the job's own steps from 101
  name: string;
  type: string;
  command: string;
  status: StepStatus;
  background: boolean;
  exit_code?: number | null;
  run_time_ms: number;
  started_at?: string | null;
  stopped_at?: string | null;
  output_bytes: number;
  truncated: boolean;
}

export interface Attempt {
  id: string;
  number: number; // from 1
  state: AttemptState;
  client: string;
  placed_at: string;
  started_at?: string | null;
  stopped_at?: string | null;
  outcome?: { kind: OutcomeKind; reason?: string } | null;
  steps: Step[];
}

export interface Task {
  index: number;
  status: TaskStatus;
  attempts: Attempt[];
}

export interface JobTasks {
  waiting_for: string; // a sentence: why the job waits; empty when it does not
  tasks: Task[];
}

export interface Artifact {
  path: string;
  node_index: number;
  url: string;
  size?: number; // bytes
}

export interface TestCase {
  name: string;
  classname: string;
  file?: string;
  source: string;
  result: TestResult;
  run_time: number; // seconds
  message: string;
}

// What is not counted on the job's machine is null, or an empty column.
export interface UsageTotals {
  cpu_ms: number | null; // of all CPUs together
  memory_peak_bytes: number | null; // the most at once, cached files included
  read_bytes: number | null;
  written_bytes: number | null;
  received_bytes: number | null;
  sent_bytes: number | null;
}

// All but memory are counts from the beginning.
export interface UsageSamples {
  at_ms: number[];
  cpu_ms: number[];
  memory_bytes: number[]; // the most since the sample before, without files that could go
  read_bytes: number[];
  written_bytes: number[];
  received_bytes: number[];
  sent_bytes: number[];
}

export interface Usage {
  limits: { millicpus: number; memory_mb: number };
  wall_ms: number;
  totals: UsageTotals;
  samples: UsageSamples;
}

export interface AttemptUsage {
  task: number;
  attempt: number; // from 1
  complete: boolean; // no more will come
  cpu_share: number | null; // of the CPUs of its class; 1 is all of them
  usage: Usage | null; // null: it cannot be read, as error says
  error?: string;
}

// src/ports/live.h: what changed, not how. "missed": there were too many to tell; read everything again.
export interface News {
  kind: "pipeline" | "workflow" | "job" | "output" | "missed";
  project: string;
  pipeline: string;
  workflow: string;
  job: string;
  attempt: string;
  step: number;
  length: number;
}
