// Addresses of this UI's own pages.
export const links = {
  pipelines: (filter: { project?: string; branch?: string } = {}) => {
    const search = new URLSearchParams();
    if (filter.project) search.set("project", filter.project);
    if (filter.branch) search.set("branch", filter.branch);
    const text = search.toString();
    return text ? `/pipelines?${text}` : "/pipelines";
  },
  projects: "/projects",
  pipeline: (id: string) => `/pipelines/${id}`,
  workflow: (id: string) => `/workflows/${id}`,
  job: (slug: string, number: number) => `/jobs/${slug}/${number}`,
};

// The slug and number in "gh/org/repo/12" or "git/shop/12".
export function parseJobPath(path: string): { slug: string; number: number } | undefined {
  const match = /^((?:[^/]+\/)+[^/]+)\/([1-9]\d{0,14})$/.exec(path);
  if (!match?.[1]) return undefined;
  return { slug: match[1], number: Number(match[2]) };
}
