import { Handle, Position, type Node, type NodeProps } from "@xyflow/react";
import { Link } from "react-router-dom";

import type { WorkflowJob } from "../../api/types";
import { links } from "../../shared/links";
import { jobLooks, lookOf } from "../../shared/status";
import { StatusDot } from "../../shared/ui/StatusBadge";
import { Duration } from "../../shared/ui/Time";
import styles from "./WorkflowGraph.module.css";

export type JobNodeType = Node<{ job: WorkflowJob }, "job">;

export function JobNode({ data: { job } }: NodeProps<JobNodeType>) {
  const look = lookOf(jobLooks, job.status);
  const face = (
    <>
      <StatusDot look={look} />
      <span className={styles.name} title={job.name}>
        {job.name}
      </span>
      <span className={styles.took}>
        <Duration from={job.started_at} to={job.stopped_at} />
      </span>
    </>
  );
  return (
    <>
      <Handle type="target" position={Position.Left} isConnectable={false} />
      {job.job_number === undefined ? (
        <div className={styles.node} data-tone={look.tone}>
          {face}
        </div>
      ) : (
        <Link className={styles.node} data-tone={look.tone} to={links.job(job.project_slug, job.job_number)}>
          {face}
        </Link>
      )}
      <Handle type="source" position={Position.Right} isConnectable={false} />
    </>
  );
}
