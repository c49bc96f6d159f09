// How each status looks and reads: one Record per enum, so that a status added to the API fails to compile here.
import type {
  JobStatus,
  OutcomeKind,
  PipelineState,
  StepStatus,
  TaskStatus,
  TestResult,
  WorkflowStatus,
} from "../api/types";

// A tone is a colour and a shape; the shape keeps meaning where colours look alike.
export type Tone = "good" | "bad" | "active" | "failing" | "waiting" | "attention" | "trouble" | "quiet";

export interface Look {
  label: string;
  tone: Tone;
  live: boolean; // it will still change
}

const ended = (label: string, tone: Tone): Look => ({
  label,
  tone,
  live: false,
});
const still = (label: string, tone: Tone): Look => ({
  label,
  tone,
  live: true,
});

export const workflowLooks: Record<WorkflowStatus, Look> = {
  running: still("Running", "active"),
  failing: still("Failing", "failing"),
  on_hold: still("Needs approval", "attention"),
  success: ended("Success", "good"),
  failed: ended("Failed", "bad"),
  error: ended("Error", "bad"),
  canceled: ended("Canceled", "quiet"),
  not_run: ended("Not run", "quiet"),
  unauthorized: ended("Unauthorized", "trouble"),
};

export const jobLooks: Record<JobStatus, Look> = {
  blocked: still("Blocked", "waiting"),
  queued: still("Queued", "waiting"),
  running: still("Running", "active"),
  on_hold: still("Needs approval", "attention"),
  success: ended("Success", "good"),
  failed: ended("Failed", "bad"),
  timedout: ended("Timed out", "bad"),
  canceled: ended("Canceled", "quiet"),
  infrastructure_fail: ended("Infrastructure failure", "trouble"),
  not_run: ended("Not run", "quiet"),
  unauthorized: ended("Unauthorized", "trouble"),
};

export const stepLooks: Record<StepStatus, Look> = {
  running: still("Running", "active"),
  success: ended("Success", "good"),
  failed: ended("Failed", "bad"),
  timedout: ended("Timed out", "bad"),
  canceled: ended("Canceled", "quiet"),
  infrastructure_fail: ended("Infrastructure failure", "trouble"),
  skipped: ended("Skipped", "quiet"),
};

export const taskLooks: Record<TaskStatus, Look> = {
  waiting: still("Waiting", "waiting"),
  queued: still("Queued", "waiting"),
  placed: still("Starting", "active"),
  running: still("Running", "active"),
  finished: ended("Finished", "quiet"),
};

export const outcomeLooks: Record<OutcomeKind, Look> = {
  succeeded: ended("Success", "good"),
  failed: ended("Failed", "bad"),
  timed_out: ended("Timed out", "bad"),
  canceled: ended("Canceled", "quiet"),
  infrastructure_failed: ended("Infrastructure failure", "trouble"),
};

export const pipelineLooks: Record<PipelineState, Look> = {
  created: ended("Created", "quiet"),
  pending: still("Pending", "waiting"),
  errored: ended("Config error", "bad"),
  "setup-pending": still("Setting up", "waiting"),
};

export const testLooks: Record<TestResult, Look> = {
  success: ended("Passed", "good"),
  failure: ended("Failed", "bad"),
  error: ended("Error", "bad"),
  skipped: ended("Skipped", "quiet"),
};

// A newer server may send a status that this page does not know: show it as it is.
export function lookOf<S extends string>(looks: Record<S, Look>, status: S): Look {
  return looks[status] ?? ended(status, "quiet");
}
