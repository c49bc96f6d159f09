import { expect, it } from "vitest";

import type { TestCase, TestResult } from "../../api/types";
import { countResults, failuresFirst } from "./order";

const test = (name: string, result: TestResult, run_time = 0): TestCase => ({
  name,
  result,
  run_time,
  classname: "",
  source: "",
  message: "",
});

it("lists failures first, then skipped, then passed ones from the slowest", () => {
  const tests = [
    test("quick", "success", 1),
    test("slow", "success", 9),
    test("left out", "skipped"),
    test("broke", "error"),
    test("wrong", "failure"),
  ];
  expect(failuresFirst(tests).map(({ name }) => name)).toEqual(["broke", "wrong", "left out", "slow", "quick"]);
  expect(countResults(tests)).toEqual({
    failure: 1,
    error: 1,
    skipped: 1,
    success: 2,
  });
});
