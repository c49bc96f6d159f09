import { fireEvent, screen, waitFor } from "@testing-library/react";
import { beforeEach, expect, it, vi } from "vitest";

import { show } from "../../testing/render";
import { giveSizes } from "../../testing/sizes";
import { World } from "../../testing/world";
import { StepOutput } from "./StepOutput";

interface Part {
  running?: boolean;
  atEnd?: boolean;
  line?: number;
}

function output(world: World, part: Part = {}) {
  const onPick = vi.fn();
  const { running = false, atEnd = false, line } = part;
  const element = (
    <StepOutput
      address={{ attempt: "a", step: 101 }}
      name="npm test"
      running={running}
      atEnd={atEnd}
      line={line}
      onPick={onPick}
    />
  );
  return { onPick, ...show(element, world) };
}

const region = () => screen.findByRole("region", { name: "Output of npm test" });
const rows = () => document.querySelectorAll("[data-index]");
const shows = (text: string) => expect(screen.getByText(text)).toBeVisible();

beforeEach(() => giveSizes());

function longWorld(): World {
  const world = new World();
  const lines = Array.from({ length: 60_000 }, (_, i) => `line ${i + 1}\n`);
  world.write("a", 101, lines.join(""));
  return world;
}

it("keeps fewer than 200 rows of a log of 60,000 lines in the page", async () => {
  output(longWorld());
  await screen.findByText(/60,000 lines, /);
  await screen.findByText("line 1");
  expect(rows().length).toBeGreaterThan(20);
  expect(rows().length).toBeLessThan(200);
});

it("begins at the end of a step that failed", async () => {
  output(longWorld(), { atEnd: true });
  fireEvent.scroll(await region());
  await screen.findByText("line 60000");
  expect(screen.queryByText("line 1")).not.toBeInTheDocument();
  expect(rows().length).toBeLessThan(200);
});

it("goes to the line that the address points at, and marks it", async () => {
  output(longWorld(), { atEnd: true, line: 31_000 });
  const scroller = await region();
  await waitFor(() => {
    fireEvent.scroll(scroller);
    shows("line 31000");
  });
  expect(document.querySelector("[data-target]")).toHaveTextContent("line 31000");
});

it("says which line was picked", async () => {
  const world = new World();
  world.write("a", 101, "one\ntwo\n");
  const { onPick, user } = output(world);
  await user.click(await screen.findByLabelText("Link to line 2"));
  expect(onPick).toHaveBeenCalledWith(2);
});

it("writes whatever a job prints as text", async () => {
  const world = new World();
  const evil = `<img src=x onerror="alert(1)">`;
  world.write("a", 101, `${evil}\n\x1b[31m<b>red</b>\x1b[0m\n`);
  output(world);
  await screen.findByText(evil);
  expect(screen.getByText("<b>red</b>")).toHaveStyle({
    color: "var(--ansi-1)",
  });
  expect((await region()).querySelector("img, b")).toBeNull();
});

it("shows what arrives while the step runs, and stays at the end", async () => {
  const world = new World();
  world.write("a", 101, "one\n", false);
  output(world, { running: true });
  await screen.findByText("one");
  expect(screen.getByRole("button", { name: "Follow" })).toHaveAttribute("aria-pressed", "true");
  world.write("a", 101, "two\n", false);
  await screen.findByText("two");
});

it("stops following when the reader goes up, and goes on at the end", async () => {
  const world = longWorld();
  world.write("a", 101, "last\n", false);
  const { user } = output(world, { running: true });
  const scroller = await region();
  await screen.findByText(/60,001 lines/);
  const follow = screen.getByRole("button", { name: "Follow" });
  const scrollTo = (top: number) => {
    scroller.scrollTop = top;
    fireEvent.scroll(scroller);
  };
  scrollTo(scroller.scrollHeight - 600);
  scrollTo(1000);
  expect(follow).toHaveAttribute("aria-pressed", "false");
  fireEvent.wheel(scroller);
  scrollTo(scroller.scrollHeight - 600);
  expect(follow).toHaveAttribute("aria-pressed", "true");
  await user.keyboard("f");
  expect(follow).toHaveAttribute("aria-pressed", "false");
});

it("remembers whether long lines are wrapped", async () => {
  const world = new World();
  world.write("a", 101, "one\n");
  const { user } = output(world);
  await user.click(await screen.findByRole("button", { name: "Wrap" }));
  expect(await region()).toHaveAttribute("data-wrap", "false");
  expect(localStorage.getItem("gyre.wrap")).toBe("no");
});

it("says so when there is no output", async () => {
  const world = new World();
  world.write("a", 101, "");
  output(world);
  await screen.findByText("No output");
});
