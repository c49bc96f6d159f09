import { useRef, type ReactNode } from "react";
import { Link } from "react-router-dom";

import type { WorkflowJob } from "../../api/types";
import { useListKeys } from "../../shared/keyboard";
import { links } from "../../shared/links";
import { jobLooks, lookOf } from "../../shared/status";
import { StatusBadge } from "../../shared/ui/StatusBadge";
import { Duration } from "../../shared/ui/Time";
import styles from "./JobList.module.css";

interface Props {
  jobs: readonly WorkflowJob[];
  actions: (job: WorkflowJob) => ReactNode; // what can be done about a job, if anything
}

export function JobList({ jobs, actions }: Props) {
  const list = useRef<HTMLUListElement>(null);
  useListKeys(list);
  const names = new Map(jobs.map((job) => [job.id, job.name]));
  return (
    <ul ref={list} className={styles.list} aria-label="Jobs">
      {jobs.map((job) => (
        <li key={job.id} className={styles.row}>
          <JobTitle job={job} />
          <span className={styles.needs}>{notesOn(job, names)}</span>
          <span className={styles.took}>
            <Duration from={job.started_at} to={job.stopped_at} />
          </span>
          <span className={styles.status}>
            {actions(job)}
            <StatusBadge look={lookOf(jobLooks, job.status)} />
          </span>
        </li>
      ))}
    </ul>
  );
}

// What it waits for, and why it ended as it did.
function notesOn(job: WorkflowJob, names: Map<string, string>): string {
  const needs = job.dependencies.map((id) => names.get(id) ?? "a removed job");
  const notes = [
    needs.length > 0 && `after ${needs.join(", ")}`,
    job.approved_by && `approved by ${job.approved_by}`,
    job.canceled_by && `canceled by ${job.canceled_by}`,
    job.reason,
  ];
  return notes.filter(Boolean).join(" · ");
}

function JobTitle({ job }: { job: WorkflowJob }) {
  if (job.job_number === undefined)
    return (
      <span className={styles.name}>
        {job.name} <small>approval</small>
      </span>
    );
  return (
    <Link data-row className={styles.name} to={links.job(job.project_slug, job.job_number)}>
      {job.name} <small>#{job.job_number}</small>
    </Link>
  );
}
