import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { get, post } from "../client";
import { keys } from "../keys";
import { localPath, paths } from "../paths";
import type { Artifact, AttemptUsage, Job, JobTasks, Page, TestCase } from "../types";

export interface JobName {
  slug: string;
  number: number;
}

export function useJob({ slug, number }: JobName) {
  return useQuery({
    queryKey: keys.job(slug, number),
    queryFn: ({ signal }) => get<Job>(paths.job(slug, number), signal),
  });
}

export function useJobTasks({ slug, number }: JobName) {
  return useQuery({
    queryKey: keys.jobTasks(slug, number),
    queryFn: ({ signal }) => get<JobTasks>(paths.jobTasks(slug, number), signal),
  });
}

// Lists come in pages; people want all, up to a bound that a page can still show.
async function all<T>(path: string, signal: AbortSignal): Promise<T[]> {
  const items: T[] = [];
  let token: string | null = "";
  while (token !== null && items.length < 20_000) {
    const query: string = token ? `?page-token=${encodeURIComponent(token)}` : "";
    const page: Page<T> = await get<Page<T>>(path + query, signal);
    items.push(...page.items);
    token = page.next_page_token;
  }
  return items;
}

export function useArtifacts({ slug, number }: JobName) {
  return useQuery({
    queryKey: keys.artifacts(slug, number),
    queryFn: ({ signal }) => all<Artifact>(paths.artifacts(slug, number), signal),
    select: (items) => items.map((item) => ({ ...item, url: localPath(item.url) })),
  });
}

export function useTests({ slug, number }: JobName) {
  return useQuery({
    queryKey: keys.tests(slug, number),
    queryFn: ({ signal }) => all<TestCase>(paths.tests(slug, number), signal),
  });
}

const USAGE_EVERY = 5_000; // milliseconds; agents tell it every 10 s, and nobody tells that it came

export function useUsage({ slug, number }: JobName, running: boolean) {
  return useQuery({
    queryKey: keys.usage(slug, number),
    queryFn: ({ signal }) => all<AttemptUsage>(paths.usage(slug, number), signal),
    refetchInterval: running ? USAGE_EVERY : false,
  });
}

export function useCancelJob({ slug, number }: JobName) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => post<unknown>(paths.cancelJob(slug, number)),
    onSettled: () => client.invalidateQueries({ queryKey: keys.job(slug, number) }),
  });
}
