import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";

import { open } from "../testing/render";
import { job, pipeline, project, task, workflow, workflowJob } from "../testing/samples";
import { World } from "../testing/world";

function shopWorld(): World {
  const world = new World();
  world.projects = [project("git/shop")];
  world.pipelines = [
    pipeline(2, {
      vcs: {
        revision: "b".repeat(40),
        branch: "feature",
        commit: { subject: "Split orders" },
      },
    }),
    pipeline(1),
  ];
  world.workflows = [workflow("w1"), workflow("w2", { pipeline_id: "pipeline-2" })];
  world.jobsOf.set("w1", [
    workflowJob("test", 7, { status: "running", stopped_at: null }),
    workflowJob("approve", undefined, {
      status: "on_hold",
      dependencies: ["job-test"],
    }),
  ]);
  world.jobs = [job(7, { status: "queued", started_at: null })];
  world.tasks.set(7, {
    waiting_for: "needs 4 CPUs",
    tasks: [task(0, [], { status: "queued" })],
  });
  return world;
}

describe("signing in", () => {
  it("asks for a token, says when it is wrong, then shows the page", async () => {
    const world = shopWorld();
    world.signedIn = false;
    const { user } = open("/workflows/w1", world);
    const field = await screen.findByLabelText("API token");
    await user.type(field, "wrong{Enter}");
    await screen.findByText(/This token is not known here/);
    await user.clear(field);
    await user.type(field, " secret {Enter}");
    await screen.findByRole("heading", { name: "build-and-test" });
    expect(window.location.pathname).toBe("/workflows/w1");
  });

  it("comes back when the session ends", async () => {
    const world = shopWorld();
    const { user } = open("/pipelines", world);
    await user.click(await screen.findByRole("button", { name: "Sign out" }));
    await screen.findByLabelText("API token");
  });
});

describe("the list of pipelines", () => {
  it("says what to do when there is no project", async () => {
    open("/", new World());
    await screen.findByText("No projects yet");
    screen.getByText(/gyre project add git\/shop/);
  });

  it("says what to do when nothing has run", async () => {
    const world = new World();
    world.projects = [project("git/mine")];
    open("/", world);
    await screen.findByText("gyre trigger git/mine");
  });

  it("filters by text at once and by branch at the server", async () => {
    const { user } = open("/pipelines", shopWorld());
    const list = () => screen.findByRole("list", { name: "Pipelines" });
    await screen.findByText(/Split orders/);
    await user.keyboard("/");
    expect(screen.getByLabelText("Filter by text")).toHaveFocus();
    await user.keyboard("prices");
    expect(screen.queryByText(/Split orders/)).toBeNull();
    expect(window.location.search).toBe("?q=prices");
    await user.clear(screen.getByLabelText("Filter by text"));
    await user.type(screen.getByLabelText("Branch"), "feature");
    await screen.findByText("1 pipeline shown");
    expect(await list()).toHaveTextContent("Split orders");
  });

  it("shows a new pipeline when the server tells of it", async () => {
    const world = shopWorld();
    open("/pipelines", world);
    await screen.findByText("2 pipelines shown");
    await screen.findByText("Live");
    world.pipelines.unshift(pipeline(3));
    world.tell({ kind: "pipeline", pipeline: "pipeline-3" });
    await screen.findByText("3 pipelines shown");
  });

  it("reads everything again after it was cut off", async () => {
    const world = shopWorld();
    open("/pipelines", world);
    await screen.findByText("2 pipelines shown");
    await screen.findByText("Live");
    world.pipelines.unshift(pipeline(3)); // and nobody heard of it
    world.disconnect();
    await screen.findByText("3 pipelines shown", {}, { timeout: 5000 });
  });

  it("reads everything again when the server had too much to tell", async () => {
    const world = shopWorld();
    open("/pipelines", world);
    await screen.findByText("2 pipelines shown");
    await screen.findByText("Live");
    world.pipelines.unshift(pipeline(3));
    world.tell({ kind: "missed" });
    await screen.findByText("3 pipelines shown");
  });

  it("is walked by j and k, and opened by Enter", async () => {
    const { user } = open("/pipelines", shopWorld());
    await screen.findByText("2 pipelines shown");
    await user.keyboard("jjk{Enter}");
    await screen.findByRole("heading", { name: "Pipeline #2" });
    await user.keyboard("gp");
    await screen.findByText("2 pipelines shown");
  });
});

describe("a pipeline", () => {
  it("shows the config's errors as they were printed", async () => {
    const world = shopWorld();
    const message = "config.yml:3:5: error\n3 |   comand: x\n  |   ^~~~~~";
    world.pipelines[0] = pipeline(2, {
      state: "errored",
      errors: [{ type: "config", message }],
    });
    world.workflows = [];
    open("/pipelines/pipeline-2", world);
    const section = await screen.findByRole("region", { name: "Config errors" });
    expect(section.querySelector("pre")?.textContent).toBe(message);
  });

  it("is triggered by a button", async () => {
    const world = shopWorld();
    const { user } = open("/pipelines", world);
    await user.click(await screen.findByRole("button", { name: /^Trigger/ }));
    const dialog = screen.getByRole("dialog");
    await user.click(within(dialog).getByRole("button", { name: "Trigger" }));
    await screen.findByRole("heading", { name: "Pipeline #3" });
    expect(world.asked).toContain('POST /api/v2/project/git/shop/pipeline {"branch":"main"}');
  });
});

describe("a workflow", () => {
  it("follows its jobs, and can be approved, canceled and rerun", async () => {
    const world = shopWorld();
    const { user } = open("/workflows/w1", world);
    const list = await screen.findByRole("list", { name: "Jobs" });
    await user.click(within(list).getByRole("button", { name: "Approve approve" }));
    await user.click(screen.getByRole("button", { name: "Cancel workflow" }));
    await waitFor(() =>
      expect(world.asked).toEqual([
        "POST /api/v2/workflow/w1/approve/job-approve {}",
        "POST /api/v2/workflow/w1/cancel {}",
      ]),
    );
    world.workflows[0] = workflow("w1", { status: "failed" });
    world.tell({ workflow: "w1", pipeline: "pipeline-1" });
    await user.click(await screen.findByRole("button", { name: "Rerun from failed" }));
    await waitFor(() => expect(window.location.pathname).toBe("/workflows/w1-again"));
    expect(world.asked.at(-1)).toBe('POST /api/v2/workflow/w1/rerun {"from_failed":true}');
  });
});

describe("a job", () => {
  it("says why it waits, and goes on when the server tells", async () => {
    const world = shopWorld();
    open("/jobs/git/shop/7", world);
    await screen.findByText("Waiting: needs 4 CPUs");
    await screen.findByText("Live");
    world.jobs = [job(7)];
    world.tasks.set(7, { waiting_for: "", tasks: [task(0, [])] });
    world.tell({ kind: "job", workflow: "workflow-1", job: "x" });
    await screen.findByText("Success");
    expect(screen.queryByText(/Waiting/)).toBeNull();
    expect(document.title).toBe("✓ test #7 · Gyre");
  });

  it.each(["/git/shop/7", "/pipelines/git/shop/2/workflows/w1/jobs/7"])("is found at %s too", async (path) => {
    open(path, shopWorld());
    await screen.findByRole("heading", { name: "test #7" });
    expect(window.location.pathname).toBe("/jobs/git/shop/7");
  });

  it("repeats the server's own words when there is none", async () => {
    open("/jobs/git/shop/99", shopWorld());
    await screen.findByText("Job not found.");
  });
});

it("lists the keyboard shortcuts", async () => {
  const { user } = open("/pipelines", shopWorld());
  await screen.findByText("2 pipelines shown");
  await user.keyboard("?");
  within(screen.getByRole("dialog")).getByText("go to pipelines");
});
