import { screen, within } from "@testing-library/react";
import { expect, it, vi } from "vitest";

import type { AttemptUsage } from "../../api/types";
import { show } from "../../testing/render";
import { attempt, step, task, usage } from "../../testing/samples";
import { World } from "../../testing/world";
import { JobUsage } from "./JobUsage";

const job = { slug: "git/shop", number: 7 };
const done = task(0, [attempt("a", 1, [])]);
const running = task(0, [attempt("a", 1, [], { state: "running" })], { status: "running" });

function open(usages: AttemptUsage[], tasks = [done]) {
  const world = new World();
  world.usages.set(job.number, usages);
  return { world, ...show(<JobUsage job={job} tasks={tasks} />, world) };
}

it("draws each quantity with its limit and its peak, and has the numbers in a table", async () => {
  const { user } = open([usage(10)]);
  const memory = await screen.findByRole("figure", { name: "Memory" });
  within(memory).getByText("2.5 GiB at most, cached files included");
  within(memory).getByText("limit 4 GiB");
  within(memory).getByText("peak 2 GiB at 20 s");
  expect(within(memory).getByRole("img", { name: /Memory over 20 s: at most 2 GiB/ })).toBeInTheDocument();
  await user.click(within(memory).getByText("Memory as a table"));
  expect(within(memory).getAllByRole("row")).toHaveLength(11);
  within(screen.getByRole("figure", { name: "CPU" })).getByText("limit 2 CPUs");
  within(screen.getByRole("figure", { name: "Network" })).getByText(/received, .* sent/);
  screen.getByText("It took 20 s, with 50% of its CPUs on average.");
  expect(screen.queryByRole("combobox")).toBeNull();
});

it("draws samples of one and the same time, also of the very beginning", async () => {
  const complaints = vi.spyOn(console, "error").mockImplementation(() => undefined);
  try {
    const item = usage(2);
    Object.assign(item.usage?.samples ?? {}, { at_ms: [0, 0] });
    open([item]);
    const memory = await screen.findByRole("figure", { name: "Memory" });
    expect(memory.innerHTML).not.toContain("NaN");
    expect(memory.querySelectorAll("tbody tr")).toHaveLength(2);
    expect(complaints).not.toHaveBeenCalled();
  } finally {
    complaints.mockRestore();
  }
});

it("says of what is not counted why", async () => {
  const item = usage(3);
  Object.assign(item.usage?.totals ?? {}, { received_bytes: null, sent_bytes: null });
  Object.assign(item.usage?.samples ?? {}, { received_bytes: [], sent_bytes: [] });
  open([item]);
  const network = await screen.findByRole("figure", { name: "Network" });
  within(network).getByText(/Not counted: a job in the sandbox shares/);
  expect(within(network).queryByRole("img")).toBeNull();
});

it("has the totals of a job that was over before the first sample", async () => {
  const item = usage(0);
  open([item]);
  const cpu = await screen.findByRole("figure", { name: "CPU" });
  within(cpu).getByText("It ended before the first sample.");
});

it("shows one attempt of several, as the address says", async () => {
  const { user } = open([usage(2), usage(3, { attempt: 2 }), usage(4, { task: 1, complete: false })]);
  await screen.findByText(/It took 6.0 s/);
  await user.selectOptions(screen.getByRole("combobox"), "task 1, attempt 1 (running)");
  await screen.findByText(/It runs; so far 8.0 s/);
  expect(window.location.search).toBe("?task=1&attempt=1");
});

it.each([
  ["Nothing was measured", [done]],
  ["Nothing is measured yet", [running]],
  ["Not started", [task(0, [], { status: "queued" })]],
])("says why there is nothing: %s", async (title, tasks) => {
  open([], tasks);
  await screen.findByRole("heading", { name: title });
});

it.each([
  [
    "there is no image a:1",
    [task(0, [attempt("a", 1, [], { outcome: { kind: "failed", reason: "there is no image a:1" } })])],
  ],
  ["It ended before its first step.", [task(0, [attempt("a", 1, [], { outcome: null })])]],
  ["The job never began.", [task(0, [])]],
  ["Its agent was lost", [task(0, [attempt("a", 1, [step(101, "Test")])])]],
])("says what became of a job that nothing was counted of: %s", async (reason, tasks) => {
  open([], tasks);
  await screen.findByText(new RegExp(reason));
});

it("says what cannot be read, and shows the others", async () => {
  open([{ ...usage(1), usage: null, error: "it cannot be read: of version 9" }]);
  await screen.findByText("it cannot be read: of version 9");
});

it("grows while the job runs", async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  try {
    const { world } = open([usage(2, { complete: false })], [running]);
    await screen.findByText(/so far 4.0 s/);
    world.usages.set(job.number, [usage(3, { complete: false })]);
    await vi.advanceTimersByTimeAsync(6000);
    await screen.findByText(/so far 6.0 s/);
  } finally {
    vi.useRealTimers();
  }
});
