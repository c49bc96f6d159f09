import { useRef } from "react";

import { usePipelines } from "../../api/queries/pipelines";
import { useListKeys } from "../../shared/keyboard";
import { plural } from "../../shared/time";
import { Button } from "../../shared/ui/Button";
import { Empty, Loading, Problem } from "../../shared/ui/Notice";
import type { PipelineFilters } from "./filters";
import { matches } from "./filters";
import { NoPipelines } from "./NoPipelines";
import styles from "./PipelineList.module.css";
import { PipelineRow } from "./PipelineRow";

export function PipelineList({ filters }: { filters: PipelineFilters }) {
  const { project, branch, text } = filters;
  const pipelines = usePipelines({ project, branch });
  const list = useRef<HTMLUListElement>(null);
  useListKeys(list);

  if (pipelines.isPending) return <Loading what="pipelines" />;
  if (!pipelines.data) return <Problem error={pipelines.error} onRetry={() => void pipelines.refetch()} />;
  const shown = pipelines.data.filter((pipeline) => matches(pipeline, text));
  if (pipelines.data.length === 0 && !project && !branch) return <NoPipelines />;
  return (
    <>
      {shown.length > 0 ? (
        <ul ref={list} className={styles.list} aria-label="Pipelines">
          {shown.map((pipeline) => (
            <PipelineRow key={pipeline.id} pipeline={pipeline} />
          ))}
        </ul>
      ) : (
        <Empty title="No pipeline matches">
          <p>Change the filter, or trigger a pipeline.</p>
        </Empty>
      )}
      <div className={styles.more}>
        {pipelines.hasNextPage && (
          <Button busy={pipelines.isFetchingNextPage} onClick={() => void pipelines.fetchNextPage()}>
            Load older pipelines
          </Button>
        )}
        <span role="status">{plural(shown.length, "pipeline")} shown</span>
      </div>
    </>
  );
}
