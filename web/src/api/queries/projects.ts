import { useMutation, useQuery } from "@tanstack/react-query";

import { get, post } from "../client";
import { keys } from "../keys";
import { paths } from "../paths";
import type { Page, Project } from "../types";

export function useProjects() {
  return useQuery({
    queryKey: keys.projects,
    queryFn: ({ signal }) => get<Page<Project>>(paths.projects, signal),
    select: (page) => page.items,
  });
}

export interface TriggerRequest {
  branch?: string;
  tag?: string;
}

// Answers the new pipeline.
export function useTrigger(slug: string) {
  return useMutation({
    mutationFn: (request: TriggerRequest) => post<{ id: string; number: number }>(paths.trigger(slug), request),
  });
}
