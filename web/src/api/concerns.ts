import type { QueryClient, QueryKey } from "@tanstack/react-query";

import { keys } from "./keys";
import type { Job, News } from "./types";

// What the server's news make stale: the keys below which everything is to be read again. `workflowOf` answers the
// workflow of a job in the cache, undefined when it is not known (then it is read again, to be safe).
export function staleKeys(
  news: readonly News[],
  jobs: readonly QueryKey[],
  workflowOf: (job: QueryKey) => string | undefined,
): QueryKey[] {
  const found = new Map<string, QueryKey>();
  const add = (key: QueryKey) => found.set(JSON.stringify(key), key);
  for (const item of news) {
    if (item.kind === "output") continue; // whoever shows output follows it himself
    if (item.kind === "pipeline") add(["pipelines"]);
    if (item.pipeline) add(keys.pipeline(item.pipeline));
    if (item.workflow) add(keys.workflow(item.workflow));
    for (const job of jobs) {
      const workflow = workflowOf(job);
      if (item.workflow && (!workflow || workflow === item.workflow)) add(job);
    }
  }
  return [...found.values()];
}

export function refresh(client: QueryClient, news: readonly News[]): void {
  if (news.some(({ kind }) => kind === "missed")) return refreshAll(client);
  const jobs = client
    .getQueryCache()
    .findAll({ queryKey: ["job"] })
    .map((query) => query.queryKey.slice(0, 3));
  const stale = staleKeys(news, jobs, (key) => client.getQueryData<Job>(key)?.latest_workflow.id);
  for (const queryKey of stale) void client.invalidateQueries({ queryKey });
}

export function refreshAll(client: QueryClient): void {
  void client.invalidateQueries();
}
