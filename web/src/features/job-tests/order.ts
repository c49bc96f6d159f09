import type { TestCase, TestResult } from "../../api/types";

const rank: Record<TestResult, number> = {
  failure: 0,
  error: 0,
  skipped: 1,
  success: 2,
};

export function isFailure(test: TestCase): boolean {
  return (rank[test.result] ?? 0) === 0;
}

// Failures first, then what was skipped, then what passed, the slowest of those first.
export function failuresFirst(tests: readonly TestCase[]): TestCase[] {
  return [...tests].sort(
    (a, b) => (rank[a.result] ?? 0) - (rank[b.result] ?? 0) || (isFailure(a) ? 0 : b.run_time - a.run_time),
  );
}

export function countResults(tests: readonly TestCase[]): Record<TestResult, number> {
  const counts = { failure: 0, error: 0, skipped: 0, success: 0 };
  for (const test of tests) counts[test.result] += 1;
  return counts;
}
