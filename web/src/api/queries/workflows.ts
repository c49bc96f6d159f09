import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { get, post } from "../client";
import { keys } from "../keys";
import { paths } from "../paths";
import type { Page, Workflow, WorkflowJob } from "../types";

export function useWorkflow(id: string) {
  return useQuery({
    queryKey: keys.workflow(id),
    queryFn: ({ signal }) => get<Workflow>(paths.workflow(id), signal),
  });
}

export function useWorkflowJobs(id: string) {
  return useQuery({
    queryKey: keys.workflowJobs(id),
    queryFn: ({ signal }) => get<Page<WorkflowJob>>(paths.workflowJobs(id), signal),
    select: (page) => page.items,
  });
}

// What a person may ask of a workflow. Each reads the workflow again when the server has answered.
function useWish<V, R>(id: string, wish: (value: V) => Promise<R>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: wish,
    onSettled: () => client.invalidateQueries({ queryKey: keys.workflow(id) }),
  });
}

export function useCancelWorkflow(id: string) {
  return useWish<void, unknown>(id, () => post(paths.cancelWorkflow(id)));
}

export function useApprove(id: string) {
  return useWish<string, unknown>(id, (request) => post(paths.approve(id, request)));
}

export type RerunFrom = "start" | "failed";

// Answers the id of the new workflow.
export function useRerunWorkflow(id: string) {
  return useWish<RerunFrom, { workflow_id: string }>(id, (from) =>
    post(paths.rerunWorkflow(id), { from_failed: from === "failed" }),
  );
}
