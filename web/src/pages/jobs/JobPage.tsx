import { useParams } from "react-router-dom";

import { useJob, useJobTasks, type JobName } from "../../api/queries/jobs";
import { JobHeader } from "../../features/job-header/JobHeader";
import { parseJobPath } from "../../shared/links";
import { jobLooks, lookOf } from "../../shared/status";
import { Empty, Loading, Problem } from "../../shared/ui/Notice";
import { usePageTitle } from "../../shared/usePageTitle";
import { JobTabs } from "./JobTabs";

export default function JobPage() {
  const { "*": path = "" } = useParams();
  const name = parseJobPath(path);
  if (!name)
    return (
      <Empty title="There is no such job">
        <p>The address of a job ends with its project and number.</p>
      </Empty>
    );
  return <JobOf key={path} name={name} />;
}

function JobOf({ name }: { name: JobName }) {
  const job = useJob(name);
  const tasks = useJobTasks(name);
  const look = job.data && lookOf(jobLooks, job.data.status);
  usePageTitle(`${job.data?.name ?? "Job"} #${name.number}`, look);

  if (job.isPending) return <Loading what="the job" />;
  if (!job.data) return <Problem error={job.error} onRetry={() => void job.refetch()} />;
  return (
    <>
      <JobHeader job={job.data} waitingFor={tasks.data?.waiting_for ?? ""} />
      {tasks.error && !tasks.data && <Problem error={tasks.error} />}
      <JobTabs name={name} tasks={tasks.data?.tasks} />
    </>
  );
}
