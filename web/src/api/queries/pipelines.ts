import { useInfiniteQuery, useQuery } from "@tanstack/react-query";

import { get } from "../client";
import { keys, type PipelineFilter } from "../keys";
import { paths } from "../paths";
import type { Page, Pipeline, PipelineConfig, Workflow } from "../types";

export function usePipelines(filter: PipelineFilter) {
  return useInfiniteQuery({
    queryKey: keys.pipelines(filter),
    queryFn: ({ pageParam, signal }) =>
      get<Page<Pipeline>>(paths.pipelines(filter.project, filter.branch, pageParam), signal),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_page_token ?? undefined,
    select: (data) => data.pages.flatMap((page) => page.items),
  });
}

export function usePipeline(id: string) {
  return useQuery({
    queryKey: keys.pipeline(id),
    queryFn: ({ signal }) => get<Pipeline>(paths.pipeline(id), signal),
  });
}

export function usePipelineWorkflows(id: string) {
  return useQuery({
    queryKey: keys.pipelineWorkflows(id),
    queryFn: ({ signal }) => get<Page<Workflow>>(paths.pipelineWorkflows(id), signal),
    select: (page) => page.items,
  });
}

export function usePipelineConfig(id: string, wanted: boolean) {
  return useQuery({
    queryKey: keys.pipelineConfig(id),
    queryFn: ({ signal }) => get<PipelineConfig>(paths.pipelineConfig(id), signal),
    enabled: wanted,
    staleTime: Infinity,
  });
}
