// The API over a World: (Request) -> Response, for tests (in place of fetch) and for `npm run mock`.
import { pipeline, workflow } from "./samples";
import type { World } from "./world";

type Handler = (world: World, params: string[], url: URL, request: Request) => Response | Promise<Response>;

const json = (body: unknown, status = 200) =>
  new Response(JSON.stringify(body), {
    status,
    headers: { "Content-Type": "application/json" },
  });
const missing = (what: string) => json({ message: `${what} not found.` }, 404);
const found = (value: unknown, what: string) => (value === undefined ? missing(what) : json(value));
const accepted = () => json({ message: "Accepted." }, 202);

function page<T>(items: T[], size: number, url: URL): Response {
  const from = Number(url.searchParams.get("page-token") ?? 0);
  const next = from + size < items.length ? String(from + size) : null;
  return json({
    items: items.slice(from, from + size),
    next_page_token: next,
  });
}

const slug = "((?:[^/]+/)+[^/]+)";
const own = "/api/v2/gyre";

const routes: [string, Handler][] = [
  [`POST ${own}/session`, signIn],
  [
    `DELETE ${own}/session`,
    (world) => {
      world.signedIn = false;
      return json({ message: "Signed out." });
    },
  ],
  [`GET ${own}/events`, (world, _, __, request) => world.events(request.signal)],
  ["GET /api/v2/me", () => json({ id: "1", login: "admin", name: "Admin" })],
  ["GET /api/v2/projects", (world, _, url) => page(world.projects, 1000, url)],
  ["GET /api/v2/pipeline", (world, _, url) => pipelines(world, () => true, url)],
  [`GET /api/v2/project/${slug}/pipeline`, (world, [slug], url) => pipelines(world, (each) => each === slug, url)],
  [`POST /api/v2/project/${slug}/pipeline`, trigger],
  [
    "GET /api/v2/pipeline/([^/]+)",
    (world, [id]) =>
      found(
        world.pipelines.find((each) => each.id === id),
        "Pipeline",
      ),
  ],
  [
    "GET /api/v2/pipeline/([^/]+)/workflow",
    (world, [id], url) =>
      page(
        world.workflows.filter((each) => each.pipeline_id === id),
        100,
        url,
      ),
  ],
  ["GET /api/v2/pipeline/([^/]+)/config", (world, [id]) => found(world.configs.get(id ?? ""), "Config")],
  [
    "GET /api/v2/workflow/([^/]+)",
    (world, [id]) =>
      found(
        world.workflows.find((each) => each.id === id),
        "Workflow",
      ),
  ],
  ["GET /api/v2/workflow/([^/]+)/job", (world, [id], url) => page(world.jobsOf.get(id ?? "") ?? [], 1000, url)],
  ["POST /api/v2/workflow/([^/]+)/cancel", accepted],
  ["POST /api/v2/workflow/([^/]+)/approve/([^/]+)", accepted],
  ["POST /api/v2/workflow/([^/]+)/rerun", rerun],
  [
    `GET /api/v2/project/${slug}/job/(\\d+)`,
    (world, [, number]) =>
      found(
        world.jobs.find((each) => each.number === Number(number)),
        "Job",
      ),
  ],
  [`POST /api/v2/project/${slug}/job/(\\d+)/cancel`, accepted],
  [
    `GET /api/v2/project/${slug}/(\\d+)/artifacts`,
    (world, [, number], url) => page(world.artifacts.get(Number(number)) ?? [], 100, url),
  ],
  [
    `GET /api/v2/project/${slug}/(\\d+)/tests`,
    (world, [, number], url) => page(world.tests.get(Number(number)) ?? [], 100, url),
  ],
  [`GET ${own}/project/${slug}/job/(\\d+)/tasks`, (world, [, number]) => found(world.tasks.get(Number(number)), "Job")],
  [
    `GET ${own}/project/${slug}/job/(\\d+)/usage`,
    (world, [, number], url) => page(world.usages.get(Number(number)) ?? [], 50, url),
  ],
  [
    `GET ${own}/output/([^/]+)/(\\d+)`,
    (world, [attempt, step], url, request) =>
      world.output(
        `${attempt}/${step}`,
        Number(url.searchParams.get("offset") ?? 0),
        url.searchParams.get("follow") === "true",
        request.signal,
      ),
  ],
];

async function signIn(world: World, _: string[], __: URL, request: Request): Promise<Response> {
  const { token } = (await request.json()) as { token: string };
  world.signedIn = token === world.token;
  return world.signedIn ? json({}) : json({ message: "Unknown token." }, 401);
}

function pipelines(world: World, wanted: (slug: string) => boolean, url: URL) {
  const branch = url.searchParams.get("branch");
  const items = world.pipelines.filter((each) => wanted(each.project_slug) && (!branch || each.vcs?.branch === branch));
  return page(items, world.pageSize, url);
}

function trigger(world: World, [slug = ""]: string[]): Response {
  const made = pipeline(world.pipelines.length + 1, { project_slug: slug });
  world.pipelines.unshift(made);
  world.tell({ kind: "pipeline", pipeline: made.id });
  return json({ id: made.id, number: made.number, state: made.state }, 201);
}

function rerun(world: World, [id = ""]: string[]): Response {
  const before = world.workflows.find((each) => each.id === id);
  if (!before) return missing("Workflow");
  const made = workflow(`${id}-again`, { ...before, id: `${id}-again` });
  world.workflows.push(made);
  return json({ workflow_id: made.id }, 202);
}

export async function handle(world: World, request: Request): Promise<Response> {
  const url = new URL(request.url);
  const path = `${request.method} ${decodeURIComponent(url.pathname)}`;
  if (request.method !== "GET") world.asked.push(`${path} ${await request.clone().text()}`);
  if (!world.signedIn && !path.endsWith("/session")) return json({ message: "Sign in first." }, 401);
  for (const [pattern, handler] of routes) {
    const match = new RegExp(`^${pattern}$`).exec(path);
    if (match) return handler(world, match.slice(1), url, request);
  }
  return missing("Page");
}
