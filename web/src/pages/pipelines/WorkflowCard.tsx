import { Link } from "react-router-dom";

import { useWorkflowJobs } from "../../api/queries/workflows";
import type { Workflow } from "../../api/types";
import { JobList } from "../../features/job-list/JobList";
import { ApproveButton } from "../../features/workflow-actions/ApproveButton";
import { WorkflowActions } from "../../features/workflow-actions/WorkflowActions";
import { links } from "../../shared/links";
import { lookOf, workflowLooks } from "../../shared/status";
import { Problem } from "../../shared/ui/Notice";
import { StatusBadge } from "../../shared/ui/StatusBadge";
import { Duration } from "../../shared/ui/Time";
import styles from "./WorkflowCard.module.css";

export function WorkflowCard({ workflow }: { workflow: Workflow }) {
  const jobs = useWorkflowJobs(workflow.id);
  return (
    <section className={styles.card} aria-label={`Workflow ${workflow.name}`}>
      <header>
        <h2>
          <Link to={links.workflow(workflow.id)}>{workflow.name}</Link>
        </h2>
        <span role="status">
          <StatusBadge look={lookOf(workflowLooks, workflow.status)} />
        </span>
        <span className={styles.took}>
          <Duration from={workflow.created_at} to={workflow.stopped_at} />
        </span>
        <div className={styles.actions}>
          <WorkflowActions workflow={workflow} />
        </div>
      </header>
      {jobs.data && <JobList jobs={jobs.data} actions={(job) => <ApproveButton workflow={workflow.id} job={job} />} />}
      {jobs.error && <Problem error={jobs.error} />}
    </section>
  );
}
