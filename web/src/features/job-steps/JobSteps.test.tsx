import { screen, within } from "@testing-library/react";
import { expect, it } from "vitest";

import type { Step } from "../../api/types";
import { show } from "../../testing/render";
import { attempt, step, task } from "../../testing/samples";
import { JobSteps } from "./JobSteps";

const passed = step(101, "Checkout code");
const failed = step(102, "npm test", { status: "failed", exit_code: 1 });
const lost = attempt("t-0-a1", 1, [step(0, "Spin up environment")], {
  outcome: {
    kind: "infrastructure_failed",
    reason: "the agent stopped answering",
  },
});
const second = attempt("t-0-a2", 2, [passed, failed], {
  outcome: { kind: "failed", reason: "exit code 1" },
});
const other = attempt("t-1-a1", 1, [passed]);

function steps(tasks = [task(0, [lost, second]), task(1, [other])]) {
  return show(
    <JobSteps
      tasks={tasks}
      linked={undefined}
      output={(tried, { index }) => <p>{`output of ${tried.id}/${index}`}</p>}
    />,
  );
}

const head = (name: RegExp) => screen.getByRole("button", { name });

it("shows the last attempt, with the failed step open", () => {
  steps();
  expect(head(/Attempt 2/)).toHaveAttribute("aria-pressed", "true");
  expect(screen.getByText("output of t-0-a2/102")).toBeVisible();
  expect(screen.queryByText("output of t-0-a2/101")).toBeNull();
  expect(head(/npm test/)).toHaveTextContent("exit code 1");
});

it("tells an earlier attempt apart as our failure, with its reason", async () => {
  const { user } = steps();
  await user.click(head(/Attempt 1/));
  screen.getByText(/Infrastructure failure, not your job’s/);
  screen.getByText(/the agent stopped answering/);
  screen.getByText(/earlier attempt/);
  expect(window.location.search).toBe("?task=0&attempt=1");
});

it("has a tab for each parallel task", async () => {
  const { user } = steps();
  const tabs = screen.getByRole("tablist", { name: "Parallel tasks" });
  await user.click(within(tabs).getByRole("tab", { name: /Task 1/ }));
  await user.click(head(/Checkout code/));
  screen.getByText("output of t-1-a1/101");
});

it("opens and closes steps, by the keyboard too", async () => {
  const { user } = steps();
  await user.keyboard("j");
  expect(head(/Checkout code/)).toHaveFocus();
  await user.keyboard("{Enter}");
  screen.getByText("output of t-0-a2/101");
  await user.keyboard("j");
  await user.keyboard("{Enter}");
  expect(screen.queryByText("output of t-0-a2/102")).toBeNull();
});

it("keeps a background step closed while it runs well", () => {
  const live: Step[] = [
    step(101, "Database", { status: "running", background: true }),
    step(102, "npm test", { status: "running" }),
  ];
  steps([task(0, [attempt("t", 1, live, { outcome: null })])]);
  expect(screen.queryByText("output of t/101")).toBeNull();
  screen.getByText("output of t/102");
});

it("says that no agent has begun", () => {
  steps([task(0, [], { status: "queued" })]);
  screen.getByText("Not started");
});
