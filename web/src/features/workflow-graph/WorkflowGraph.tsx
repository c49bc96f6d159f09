import "@xyflow/react/dist/base.css";

import { ReactFlow, type Edge } from "@xyflow/react";
import { useMemo } from "react";

import type { WorkflowJob } from "../../api/types";
import { jobLooks, lookOf } from "../../shared/status";
import { JobNode, type JobNodeType } from "./JobNode";
import { layOut, NODE } from "./layout";
import styles from "./WorkflowGraph.module.css";

const nodeTypes = { job: JobNode };
const MARGIN = 24; // pixels around the graph
const TALLEST = 420; // pixels; a larger graph is shrunk to it

function edgesOf(jobs: readonly WorkflowJob[]): Edge[] {
  const known = new Map(jobs.map((job) => [job.id, job]));
  return jobs.flatMap((job) =>
    job.dependencies.flatMap((needed) => {
      const source = known.get(needed);
      if (!source) return [];
      return {
        id: `${needed}-${job.id}`,
        source: needed,
        target: job.id,
        focusable: false,
        className: styles[lookOf(jobLooks, source.status).tone],
      };
    }),
  );
}

// The jobs and what they wait for. The list of jobs says the same in words.
export function WorkflowGraph({ jobs }: { jobs: readonly WorkflowJob[] }) {
  const shape = JSON.stringify(jobs.map((job) => [job.id, job.dependencies]));
  const layout = useMemo(
    () => layOut((JSON.parse(shape) as [string, string[]][]).map(([id, dependencies]) => ({ id, dependencies }))),
    [shape],
  );
  const nodes: JobNodeType[] = jobs.map((job) => ({
    id: job.id,
    type: "job",
    data: { job },
    position: layout.places.get(job.id) ?? { x: 0, y: 0 },
    ...NODE,
  }));
  const height = Math.min(TALLEST, layout.height + 2 * MARGIN);
  return (
    <div className={styles.graph} style={{ height }} role="group" aria-label="Graph of jobs">
      <ReactFlow
        key={shape}
        nodes={nodes}
        edges={edgesOf(jobs)}
        nodeTypes={nodeTypes}
        fitView
        fitViewOptions={{ padding: 0.05, maxZoom: 1 }}
        minZoom={0.1}
        maxZoom={1.5}
        nodesDraggable={false}
        nodesConnectable={false}
        nodesFocusable={false}
        elementsSelectable={false}
        zoomOnScroll={false}
        zoomOnDoubleClick={false}
        preventScrolling={false}
      />
    </div>
  );
}
