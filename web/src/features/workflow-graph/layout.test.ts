import { expect, it } from "vitest";

import { layOut, NODE, type GraphJob } from "./layout";

const graph = (shape: Record<string, string[]>): GraphJob[] =>
  Object.entries(shape).map(([id, dependencies]) => ({ id, dependencies }));

it("puts each job right of all that it requires", () => {
  const jobs = graph({
    deploy: ["test", "lint"],
    lint: [],
    build: [],
    test: ["build"],
  });
  const { places } = layOut(jobs);
  const x = (id: string) => places.get(id)?.x ?? NaN;
  for (const { id, dependencies } of jobs)
    for (const needed of dependencies) expect(x(id)).toBeGreaterThan(x(needed) + NODE.width);
});

it("never puts two jobs on one place", () => {
  const wide = graph(
    Object.fromEntries(
      Array.from({ length: 60 }, (_, i) => [`j${i}`, i < 20 ? [] : [`j${i % 20}`, `j${(i * 7) % 20}`]]),
    ),
  );
  const { places, height } = layOut(wide);
  const seen = [...places.values()].map(({ x, y }) => `${x},${y}`);
  expect(new Set(seen).size).toBe(60);
  expect(height).toBeGreaterThan(19 * NODE.height);
});

it("keeps rows apart that do not meet", () => {
  const { places } = layOut(graph({ a: [], b: [], c: [], a2: ["a"], b2: ["b"], c2: ["c"] }));
  for (const id of ["a", "b", "c"]) expect(places.get(`${id}2`)?.y).toBe(places.get(id)?.y);
});

it("survives cycles, jobs that require unknown ones, and nothing", () => {
  expect(layOut(graph({ a: ["b"], b: ["a"], c: ["gone"] })).places.size).toBe(3);
  expect(layOut([])).toMatchObject({ width: 0, height: 0 });
});
