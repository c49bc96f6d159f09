import { expect, it } from "vitest";

import { staleKeys } from "./concerns";
import type { News } from "./types";

const news = (part: Partial<News>): News => ({
  kind: "job",
  project: "p",
  pipeline: "",
  workflow: "",
  job: "",
  attempt: "",
  step: 0,
  length: 0,
  ...part,
});
const jobs = [
  ["job", "git/shop", 7],
  ["job", "git/shop", 8],
  ["job", "git/shop", 9],
];
const workflowOf = (key: readonly unknown[]) => ({ 7: "mine", 8: "other" })[key[2] as number];

it("reads the list again for a new pipeline only", () => {
  expect(staleKeys([news({ kind: "pipeline", pipeline: "a" })], [], workflowOf)).toEqual([
    ["pipelines"],
    ["pipeline", "a"],
  ]);
  expect(staleKeys([news({ pipeline: "a", workflow: "w" })], [], workflowOf)).toEqual([
    ["pipeline", "a"],
    ["workflow", "w"],
  ]);
});

it("reads the workflow's jobs again, and those whose workflow is not known", () => {
  const stale = staleKeys([news({ workflow: "mine" })], jobs, workflowOf);
  expect(stale).toEqual([
    ["workflow", "mine"],
    ["job", "git/shop", 7],
    ["job", "git/shop", 9],
  ]);
});

it("answers a burst by one reading of each", () => {
  const burst = Array.from({ length: 500 }, () => news({ workflow: "mine" }));
  expect(staleKeys(burst, [], workflowOf)).toEqual([["workflow", "mine"]]);
});

it("leaves output to those who follow it", () => {
  const output = news({ kind: "output", workflow: "mine", attempt: "x" });
  expect(staleKeys([output], jobs, workflowOf)).toEqual([]);
});
