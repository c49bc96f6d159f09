import { Link } from "react-router-dom";

import { usePipelineWorkflows } from "../../api/queries/pipelines";
import type { Pipeline } from "../../api/types";
import { links } from "../../shared/links";
import { lookOf, workflowLooks } from "../../shared/status";
import { StatusDot } from "../../shared/ui/StatusBadge";
import { Revision } from "../../shared/ui/Revision";
import { Age, Duration } from "../../shared/ui/Time";
import styles from "./PipelineList.module.css";
import { latestOfEachName, summaryLook } from "./summary";

export function PipelineRow({ pipeline }: { pipeline: Pipeline }) {
  const workflows = usePipelineWorkflows(pipeline.id);
  const latest = latestOfEachName(workflows.data ?? []);
  const look = summaryLook(
    pipeline,
    latest.map((workflow) => workflow.status),
  );
  return (
    <li className={styles.row}>
      <StatusDot look={look} size={18} />
      <div className={styles.what}>
        <Link data-row to={links.pipeline(pipeline.id)} className={styles.title}>
          <span className={styles.name}>
            {pipeline.project_slug} #{pipeline.number}
          </span>{" "}
          {pipeline.vcs?.commit?.subject}
        </Link>
        <div className={styles.facts}>
          <Revision vcs={pipeline.vcs} />
          <span>
            {pipeline.trigger.type} by {pipeline.trigger.actor.login}
          </span>
          <Age of={pipeline.created_at} />
        </div>
      </div>
      {pipeline.state === "errored" ? (
        <span className={styles.error}>Config error</span>
      ) : (
        <ul className={styles.workflows} aria-label="Workflows">
          {latest.map((workflow) => (
            <li key={workflow.id}>
              <Link to={links.workflow(workflow.id)} className={styles.chip}>
                <StatusDot look={lookOf(workflowLooks, workflow.status)} size={12} />
                <span className={styles.chipName}>{workflow.name}</span>
                <span className={styles.took}>
                  <Duration from={workflow.created_at} to={workflow.stopped_at} />
                </span>
              </Link>
            </li>
          ))}
        </ul>
      )}
    </li>
  );
}
