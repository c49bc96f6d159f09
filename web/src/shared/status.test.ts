import { expect, it } from "vitest";

import type { JobStatus } from "../api/types";
import { jobLooks, lookOf } from "./status";

it("says in words what a colour says", () => {
  expect(jobLooks.infrastructure_fail.label).toBe("Infrastructure failure");
});

it("shows a status of a newer server as it is", () => {
  expect(lookOf(jobLooks, "retried" as JobStatus)).toEqual({
    label: "retried",
    tone: "quiet",
    live: false,
  });
});
