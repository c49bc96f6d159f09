import { useParams } from "react-router-dom";

import { usePipeline, usePipelineWorkflows } from "../../api/queries/pipelines";
import type { Pipeline } from "../../api/types";
import { ConfigErrors } from "../../features/config-errors/ConfigErrors";
import { ConfigSource } from "../../features/config-errors/ConfigSource";
import { TriggerButton } from "../../features/trigger/TriggerButton";
import { links } from "../../shared/links";
import { lookOf, pipelineLooks } from "../../shared/status";
import { Empty, Loading, Problem } from "../../shared/ui/Notice";
import { Fact, PageHead } from "../../shared/ui/PageHead";
import { Revision } from "../../shared/ui/Revision";
import { StatusBadge } from "../../shared/ui/StatusBadge";
import { Age } from "../../shared/ui/Time";
import { usePageTitle } from "../../shared/usePageTitle";
import { WorkflowCard } from "./WorkflowCard";

export default function PipelinePage() {
  const { pipelineId = "" } = useParams();
  const pipeline = usePipeline(pipelineId);
  const workflows = usePipelineWorkflows(pipelineId);
  const name = pipeline.data ? `${pipeline.data.project_slug} #${pipeline.data.number}` : "Pipeline";
  usePageTitle(name);

  if (pipeline.isPending) return <Loading what="the pipeline" />;
  if (!pipeline.data) return <Problem error={pipeline.error} onRetry={() => void pipeline.refetch()} />;
  return (
    <>
      <PipelineHead pipeline={pipeline.data} />
      <ConfigErrors errors={pipeline.data.errors} />
      {workflows.data?.map((workflow) => (
        <WorkflowCard key={workflow.id} workflow={workflow} />
      ))}
      {workflows.data?.length === 0 && pipeline.data.state === "created" && (
        <Empty title="No workflow ran">
          <p>The filters of the config left none for this branch or tag.</p>
        </Empty>
      )}
      {workflows.error && <Problem error={workflows.error} />}
      <ConfigSource pipeline={pipelineId} />
    </>
  );
}

function PipelineHead({ pipeline }: { pipeline: Pipeline }) {
  const { project_slug: slug, state, trigger, vcs } = pipeline;
  return (
    <PageHead
      crumbs={[{ label: slug, to: links.pipelines({ project: slug }) }]}
      title={`Pipeline #${pipeline.number}`}
      status={state !== "created" && <StatusBadge look={lookOf(pipelineLooks, state)} />}
      actions={<TriggerButton slug={slug} branch={vcs?.branch ?? "main"} />}
    >
      {vcs && (
        <Fact name="Commit">
          <Revision vcs={vcs} /> {vcs.commit?.subject}
        </Fact>
      )}
      <Fact name="Trigger">
        {trigger.type} by {trigger.actor.login}
      </Fact>
      <Fact name="Created">
        <Age of={pipeline.created_at} />
      </Fact>
    </PageHead>
  );
}
