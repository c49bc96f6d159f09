// The names of everything in the query cache. concerns.ts decides by them what an event makes stale.

export interface PipelineFilter {
  project: string; // slug; empty: all
  branch: string; // empty: all
}

export const keys = {
  me: ["me"] as const,
  projects: ["projects"] as const,
  pipelines: (filter: PipelineFilter) => ["pipelines", filter] as const,
  pipeline: (id: string) => ["pipeline", id] as const,
  pipelineWorkflows: (id: string) => ["pipeline", id, "workflows"] as const,
  pipelineConfig: (id: string) => ["pipeline", id, "config"] as const,
  workflow: (id: string) => ["workflow", id] as const,
  workflowJobs: (id: string) => ["workflow", id, "jobs"] as const,
  job: (slug: string, number: number) => ["job", slug, number] as const,
  jobTasks: (slug: string, number: number) => ["job", slug, number, "tasks"] as const,
  artifacts: (slug: string, number: number) => ["job", slug, number, "artifacts"] as const,
  usage: (slug: string, number: number) => ["job", slug, number, "usage"] as const,
  tests: (slug: string, number: number) => ["job", slug, number, "tests"] as const,
};
