import type { Pipeline, WorkflowStatus } from "../../api/types";
import { lookOf, pipelineLooks, workflowLooks, type Look } from "../../shared/status";

// What matters first, when a pipeline has several workflows.
const weight: Record<WorkflowStatus, number> = {
  failing: 9,
  failed: 8,
  error: 8,
  unauthorized: 7,
  on_hold: 6,
  running: 5,
  canceled: 3,
  not_run: 2,
  success: 1,
};

// One look for a pipeline: its config's, or the heaviest of its workflows'. Reruns stand for what they repeat: only
// the last workflow of each name is given.
export function summaryLook(pipeline: Pipeline, statuses: readonly WorkflowStatus[]): Look {
  if (pipeline.state !== "created" || statuses.length === 0) return lookOf(pipelineLooks, pipeline.state);
  const heaviest = statuses.reduce((a, b) => ((weight[b] ?? 0) > (weight[a] ?? 0) ? b : a));
  return lookOf(workflowLooks, heaviest);
}

// Workflows come oldest first; a rerun replaces the one that it repeats.
export function latestOfEachName<W extends { name: string }>(workflows: readonly W[]): W[] {
  return [...new Map(workflows.map((each) => [each.name, each])).values()];
}
