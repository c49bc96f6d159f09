import { expect, it } from "vitest";

import { usage } from "../../testing/samples";
import { chartsOf, formatCpus, pathOf, peakOf, rates, topOf } from "./charts";

it("makes rates of counts, by the time that passed", () => {
  expect(rates([2000, 3000, 3000], [1000, 3000, 4000])).toEqual([2000, 500, 0]);
  expect(rates([], [])).toEqual([]);
  expect(rates([5, 9], [0, 0])).toEqual([5000, 4000]); // no division by nothing
});

it("finds the peak among all lines, and the first where several are as high", () => {
  const lines = [
    { name: "read", values: [1, 7, 7] },
    { name: "written", values: [9, 0, 9] },
  ];
  expect(peakOf(lines)).toEqual({ line: "written", value: 9, index: 0 });
  expect(peakOf([{ name: "read", values: [0, 0] }])).toEqual({ line: "read", value: 0, index: 0 });
  expect(peakOf([])).toBeUndefined();
});

it("shows the limit and what is above it", () => {
  expect(topOf(1, 2)).toBeGreaterThan(2);
  expect(topOf(3, 2)).toBeGreaterThan(3);
  expect(topOf(0, undefined)).toBe(1);
});

it("draws steps from the beginning to the end", () => {
  expect(pathOf([1, 2], [500, 1000], 2)).toBe("M0 50.0H500.0L500.0 0.0H1000.0");
  expect(pathOf([], [], 1)).toBe("");
  expect(pathOf([1], [0], 2)).toBe("M0 50.0H0.0");
});

it("says CPUs with as many digits as are worth reading", () => {
  expect([0, 0.034, 0.5, 1, 2, 12.7].map(formatCpus)).toEqual([
    "0 CPUs",
    "0.03 CPUs",
    "0.5 CPUs",
    "1 CPU",
    "2 CPUs",
    "13 CPUs",
  ]);
});

it.each([
  [40, "40 ms of CPU time"],
  [2345, "2.3 s of CPU time"],
  [7380000, "2 h 3 m of CPU time"],
])("says how long processors worked: %i ms", (cpu_ms, text) => {
  const told = usage(3).usage;
  if (!told) throw new Error("a sample has a usage");
  Object.assign(told.totals, { cpu_ms });
  expect(chartsOf(told)[0]?.total).toBe(text);
});

it("draws nothing of what is not counted", () => {
  const told = usage(3).usage;
  if (!told) throw new Error("a sample has a usage");
  const titles = () =>
    chartsOf(told)
      .filter(({ lines }) => lines.length > 0)
      .map(({ title }) => title);
  expect(titles()).toEqual(["CPU", "Memory", "Disk", "Network"]);
  Object.assign(told.samples, { received_bytes: [], sent_bytes: [], written_bytes: [] });
  expect(titles()).toEqual(["CPU", "Memory", "Disk"]);
});
