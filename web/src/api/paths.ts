// Where everything is. A slug's slashes are part of the path; everything else is encoded.

const v2 = "/api/v2";
const own = `${v2}/gyre`;

function slugPath(slug: string): string {
  return slug.split("/").map(encodeURIComponent).join("/");
}

function withQuery(path: string, query: Record<string, string | number | boolean | undefined>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    if (value !== undefined && value !== "") search.set(name, String(value));
  const text = search.toString();
  return text ? `${path}?${text}` : path;
}

export interface OutputAddress {
  attempt: string;
  step: number;
}

export const paths = {
  session: `${own}/session`,
  events: `${own}/events?output=false`, // whoever shows output follows it himself
  me: `${v2}/me`,
  projects: `${v2}/projects`,
  pipelines: (project: string, branch: string, pageToken: string) =>
    withQuery(project ? `${v2}/project/${slugPath(project)}/pipeline` : `${v2}/pipeline`, {
      branch,
      "page-token": pageToken,
    }),
  trigger: (slug: string) => `${v2}/project/${slugPath(slug)}/pipeline`,
  pipeline: (id: string) => `${v2}/pipeline/${encodeURIComponent(id)}`,
  pipelineWorkflows: (id: string) => `${paths.pipeline(id)}/workflow`,
  pipelineConfig: (id: string) => `${paths.pipeline(id)}/config`,
  workflow: (id: string) => `${v2}/workflow/${encodeURIComponent(id)}`,
  workflowJobs: (id: string) => `${paths.workflow(id)}/job`,
  cancelWorkflow: (id: string) => `${paths.workflow(id)}/cancel`,
  rerunWorkflow: (id: string) => `${paths.workflow(id)}/rerun`,
  approve: (id: string, request: string) => `${paths.workflow(id)}/approve/${encodeURIComponent(request)}`,
  job: (slug: string, number: number) => `${v2}/project/${slugPath(slug)}/job/${number}`,
  cancelJob: (slug: string, number: number) => `${paths.job(slug, number)}/cancel`,
  artifacts: (slug: string, number: number) => `${v2}/project/${slugPath(slug)}/${number}/artifacts`,
  tests: (slug: string, number: number) => `${v2}/project/${slugPath(slug)}/${number}/tests`,
  jobTasks: (slug: string, number: number) => `${own}/project/${slugPath(slug)}/job/${number}/tasks`,
  usage: (slug: string, number: number) => `${own}/project/${slugPath(slug)}/job/${number}/usage`,
  output: ({ attempt, step }: OutputAddress, offset = 0, follow = false) =>
    withQuery(`${own}/output/${encodeURIComponent(attempt)}/${step}`, {
      offset: offset || undefined,
      follow: follow || undefined,
    }),
};

// The server writes absolute addresses for clients elsewhere; here, where the cookie counts, only the path does.
export function localPath(url: string): string {
  try {
    const { pathname, search } = new URL(url, window.location.href);
    return pathname + search;
  } catch {
    return url;
  }
}
