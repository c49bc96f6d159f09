import { useParams } from "react-router-dom";

import { usePipeline } from "../../api/queries/pipelines";
import { useWorkflow, useWorkflowJobs } from "../../api/queries/workflows";
import { JobList } from "../../features/job-list/JobList";
import { ApproveButton } from "../../features/workflow-actions/ApproveButton";
import { WorkflowActions } from "../../features/workflow-actions/WorkflowActions";
import { WorkflowGraph } from "../../features/workflow-graph/WorkflowGraph";
import { links } from "../../shared/links";
import { lookOf, workflowLooks } from "../../shared/status";
import { Loading, Problem } from "../../shared/ui/Notice";
import { Fact, PageHead } from "../../shared/ui/PageHead";
import { Revision } from "../../shared/ui/Revision";
import { StatusBadge } from "../../shared/ui/StatusBadge";
import { Age, Duration } from "../../shared/ui/Time";
import { usePageTitle } from "../../shared/usePageTitle";

export default function WorkflowPage() {
  const { workflowId = "" } = useParams();
  const workflow = useWorkflow(workflowId);
  const jobs = useWorkflowJobs(workflowId);
  const look = workflow.data && lookOf(workflowLooks, workflow.data.status);
  usePageTitle(workflow.data?.name ?? "Workflow", look);

  if (workflow.isPending) return <Loading what="the workflow" />;
  if (!workflow.data || !look)
    return (
      <Problem error={workflow.error ?? new Error("Workflow not found.")} onRetry={() => void workflow.refetch()} />
    );
  const { name, pipeline_id, pipeline_number, project_slug } = workflow.data;
  return (
    <>
      <PageHead
        crumbs={[
          {
            label: project_slug,
            to: links.pipelines({ project: project_slug }),
          },
          {
            label: `pipeline #${pipeline_number}`,
            to: links.pipeline(pipeline_id),
          },
        ]}
        title={name}
        status={<StatusBadge look={look} />}
        actions={<WorkflowActions workflow={workflow.data} />}
      >
        <Fact name="Duration">
          <Duration from={workflow.data.created_at} to={workflow.data.stopped_at} />
        </Fact>
        <Fact name="Started">
          <Age of={workflow.data.created_at} />
        </Fact>
        {workflow.data.canceled_by && <Fact name="Canceled by">{workflow.data.canceled_by}</Fact>}
        <CommitFact pipeline={pipeline_id} />
      </PageHead>
      {jobs.data && jobs.data.length > 1 && <WorkflowGraph jobs={jobs.data} />}
      {jobs.data && <JobList jobs={jobs.data} actions={(job) => <ApproveButton workflow={workflowId} job={job} />} />}
      {jobs.error && <Problem error={jobs.error} />}
    </>
  );
}

function CommitFact({ pipeline }: { pipeline: string }) {
  const { data } = usePipeline(pipeline);
  if (!data?.vcs) return null;
  return (
    <Fact name="Commit">
      <Revision vcs={data.vcs} /> {data.vcs.commit?.subject}
    </Fact>
  );
}
