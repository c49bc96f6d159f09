import { expect, it } from "vitest";

import { formatAge, formatBytes, formatDuration, formatTicking, plural } from "./time";

it.each([
  [-5, "0 ms"],
  [640, "640 ms"],
  [1480, "1.4 s"],
  [59_999, "59 s"],
  [61_000, "1 m 1 s"],
  [3_599_999, "59 m 59 s"],
  [3_660_000, "1 h 1 m"],
  [90_000_000, "1 d 1 h"],
])("writes a duration of %d ms as %s", (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

it("shows whole seconds while a duration ticks", () => {
  expect(formatTicking(1480)).toBe("1 s");
  expect(formatTicking(-20)).toBe("0 s");
  expect(formatTicking(61_400)).toBe("1 m 1 s");
});

it.each([
  [0, "0 B"],
  [999, "999 B"],
  [1200, "1.2 kB"],
  [61_200_000, "61.2 MB"],
  [123_456_789_000, "123 GB"],
])("writes %d bytes as %s", (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

it.each([
  [2_000, "just now"],
  [45_000, "45 s ago"],
  [125_000, "2 min ago"],
  [7_300_000, "2 h ago"],
  [180_000_000, "2 d ago"],
])("writes an age of %d ms as %s", (ms, text) => {
  expect(formatAge(ms)).toBe(text);
});

it("counts nouns", () => {
  expect(plural(1, "line")).toBe("1 line");
  expect(plural(60_000, "line")).toBe("60,000 lines");
});
