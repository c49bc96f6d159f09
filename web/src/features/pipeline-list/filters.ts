import { useSearchParams } from "react-router-dom";

import type { Pipeline } from "../../api/types";

export interface PipelineFilters {
  project: string; // slug, asked of the server
  branch: string; // whole name, asked of the server
  text: string; // anywhere in what is shown, among the rows read so far
}

const names = { project: "project", branch: "branch", text: "q" } as const;

// The filter lives in the address, so that it can be shared and survives going back.
export function usePipelineFilters() {
  const [search, setSearch] = useSearchParams();
  const filters: PipelineFilters = {
    project: search.get(names.project) ?? "",
    branch: search.get(names.branch) ?? "",
    text: search.get(names.text) ?? "",
  };
  const change = (part: Partial<PipelineFilters>) =>
    setSearch(
      (previous) => {
        const next = new URLSearchParams(previous);
        for (const [field, value] of Object.entries(part)) {
          const name = names[field as keyof PipelineFilters];
          if (value) next.set(name, value);
          else next.delete(name);
        }
        return next;
      },
      { replace: true },
    );
  return { filters, change };
}

export function matches(pipeline: Pipeline, text: string): boolean {
  const { vcs, trigger } = pipeline;
  const haystack = [
    pipeline.project_slug,
    `#${pipeline.number}`,
    vcs?.branch,
    vcs?.tag,
    vcs?.revision,
    vcs?.commit?.subject,
    trigger.actor.login,
    trigger.type,
  ]
    .join(" ")
    .toLowerCase();
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => haystack.includes(word));
}
