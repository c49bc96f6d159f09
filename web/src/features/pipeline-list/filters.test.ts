import { expect, it } from "vitest";

import { pipeline, workflow } from "../../testing/samples";
import { matches } from "./filters";
import { latestOfEachName, summaryLook } from "./summary";

it("finds words anywhere, in any order and case", () => {
  const one = pipeline(48);
  expect(matches(one, "PRICES ada")).toBe(true);
  expect(matches(one, "#48 main")).toBe(true);
  expect(matches(one, "")).toBe(true);
  expect(matches(one, "prices grace")).toBe(false);
});

it("shows the heaviest of a pipeline's workflows", () => {
  const label = (...statuses: Parameters<typeof summaryLook>[1]) => summaryLook(pipeline(1), statuses).label;
  expect(label("success", "running")).toBe("Running");
  expect(label("running", "failed", "success")).toBe("Failed");
  expect(label("success", "success")).toBe("Success");
  expect(summaryLook(pipeline(1, { state: "errored" }), []).label).toBe("Config error");
});

it("lets a rerun stand for what it repeats", () => {
  const runs = [
    workflow("first", { status: "failed" }),
    workflow("second", { status: "success" }),
    workflow("third", { name: "nightly" }),
  ];
  expect(latestOfEachName(runs).map(({ id }) => id)).toEqual(["second", "third"]);
});
