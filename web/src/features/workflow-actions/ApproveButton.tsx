import { useApprove } from "../../api/queries/workflows";
import type { WorkflowJob } from "../../api/types";
import { Button } from "../../shared/ui/Button";

interface Props {
  workflow: string;
  job: WorkflowJob;
}

// For an approval that waits; nothing for other jobs.
export function ApproveButton({ workflow, job }: Props) {
  const approve = useApprove(workflow);
  if (job.type !== "approval" || job.status !== "on_hold") return null;
  return (
    <>
      {approve.error && <span role="alert">{approve.error.message}</span>}
      <Button
        kind="primary"
        icon="good"
        aria-label={`Approve ${job.name}`}
        busy={approve.isPending}
        onClick={() => approve.mutate(job.approval_request_id ?? job.id)}
      >
        Approve
      </Button>
    </>
  );
}
