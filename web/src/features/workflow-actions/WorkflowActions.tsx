import { useNavigate } from "react-router-dom";

import { useCancelWorkflow, useRerunWorkflow, type RerunFrom } from "../../api/queries/workflows";
import type { Workflow, WorkflowStatus } from "../../api/types";
import { links } from "../../shared/links";
import { lookOf, workflowLooks } from "../../shared/status";
import { Button } from "../../shared/ui/Button";
import { Problem } from "../../shared/ui/Notice";

// Which reruns make sense once a workflow has ended.
const reruns: Record<WorkflowStatus, readonly RerunFrom[]> = {
  running: [],
  failing: [],
  on_hold: [],
  success: ["start"],
  failed: ["failed", "start"],
  canceled: ["failed", "start"],
  error: ["start"],
  not_run: ["start"],
  unauthorized: ["failed", "start"],
};
const words: Record<RerunFrom, string> = {
  start: "Rerun from start",
  failed: "Rerun from failed",
};

export function WorkflowActions({ workflow }: { workflow: Workflow }) {
  const cancel = useCancelWorkflow(workflow.id);
  const rerun = useRerunWorkflow(workflow.id);
  const navigate = useNavigate();
  const problem = cancel.error ?? rerun.error;
  const again = (from: RerunFrom) =>
    rerun.mutate(from, {
      onSuccess: (made) => void navigate(links.workflow(made.workflow_id)),
    });
  return (
    <>
      {problem && <Problem error={problem} />}
      {(reruns[workflow.status] ?? []).map((from) => (
        <Button key={from} icon="again" busy={rerun.isPending && rerun.variables === from} onClick={() => again(from)}>
          {words[from]}
        </Button>
      ))}
      {lookOf(workflowLooks, workflow.status).live && (
        <Button icon="stop" kind="danger" busy={cancel.isPending} onClick={() => cancel.mutate()}>
          Cancel workflow
        </Button>
      )}
    </>
  );
}
