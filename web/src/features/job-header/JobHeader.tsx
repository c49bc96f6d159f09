import { useCancelJob } from "../../api/queries/jobs";
import type { Job } from "../../api/types";
import { links } from "../../shared/links";
import { jobLooks, lookOf } from "../../shared/status";
import { plural } from "../../shared/time";
import { Button } from "../../shared/ui/Button";
import { Notice, Problem } from "../../shared/ui/Notice";
import { Fact, PageHead } from "../../shared/ui/PageHead";
import { StatusBadge } from "../../shared/ui/StatusBadge";
import { Age, Duration } from "../../shared/ui/Time";
import styles from "./JobHeader.module.css";

interface Props {
  job: Job;
  waitingFor: string; // empty when it does not wait
}

export function JobHeader({ job, waitingFor }: Props) {
  const slug = job.project.slug;
  const look = lookOf(jobLooks, job.status);
  const cancel = useCancelJob({ slug, number: job.number });
  return (
    <>
      <PageHead
        crumbs={[
          { label: slug, to: links.pipelines({ project: slug }) },
          { label: "pipeline", to: links.pipeline(job.pipeline.id) },
          {
            label: job.latest_workflow.name,
            to: links.workflow(job.latest_workflow.id),
          },
        ]}
        title={
          <>
            {job.name} <span className={styles.number}>#{job.number}</span>
          </>
        }
        status={<StatusBadge look={look} />}
        actions={
          look.live && (
            <Button icon="stop" kind="danger" busy={cancel.isPending} onClick={() => cancel.mutate()}>
              Cancel job
            </Button>
          )
        }
      >
        <Facts job={job} />
      </PageHead>
      <div className={styles.notices}>
        {cancel.error && <Problem error={cancel.error} />}
        {waitingFor && <Notice tone="waiting">Waiting: {waitingFor}</Notice>}
        {job.messages
          ?.filter(({ message }) => message !== waitingFor)
          .map(({ message }) => (
            <Notice key={message} tone={look.tone}>
              {message}
            </Notice>
          ))}
      </div>
    </>
  );
}

function Facts({ job }: { job: Job }) {
  const { executor } = job;
  return (
    <>
      {job.started_at && (
        <Fact name="Duration">
          <Duration from={job.started_at} to={job.stopped_at} />
        </Fact>
      )}
      {job.status !== "blocked" && (
        <Fact name="Queued for">
          <Duration from={job.queued_at} to={job.started_at ?? job.stopped_at} />
        </Fact>
      )}
      <Fact name="Executor">{[executor.type, executor.resource_class].filter(Boolean).join(" · ")}</Fact>
      {job.parallelism > 1 && <Fact name="Parallelism">{plural(job.parallelism, "task")}</Fact>}
      <Fact name="Created">
        <Age of={job.created_at} />
      </Fact>
    </>
  );
}
