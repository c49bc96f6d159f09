// Places a graph of jobs in columns: each job one column right of the last job that it requires. Within a column,
// jobs stand near what they require, so that lines cross little. Pure; units are pixels.

export interface GraphJob {
  id: string;
  dependencies: readonly string[];
}
export interface Place {
  x: number;
  y: number;
}
export interface Layout {
  places: Map<string, Place>;
  width: number;
  height: number;
}

export const NODE = { width: 208, height: 44 };
const GAP = { x: 56, y: 14 };
const SWEEPS = 4;

function columnsOf(jobs: readonly GraphJob[]): Map<string, number> {
  const byId = new Map(jobs.map((job) => [job.id, job]));
  const columns = new Map<string, number>();
  const column = (id: string): number => {
    const known = columns.get(id);
    if (known !== undefined) return known;
    columns.set(id, 0); // a cycle, which the server never sends, ends here
    const needed = (byId.get(id)?.dependencies ?? []).filter((d) => byId.has(d));
    const result = Math.max(-1, ...needed.map(column)) + 1;
    columns.set(id, result);
    return result;
  };
  for (const job of jobs) column(job.id);
  return columns;
}

function neighbours(jobs: readonly GraphJob[]) {
  const before = new Map<string, string[]>();
  const after = new Map<string, string[]>();
  for (const { id, dependencies } of jobs) {
    before.set(id, [...dependencies]);
    for (const needed of dependencies) after.set(needed, [...(after.get(needed) ?? []), id]);
  }
  return { before, after };
}

// Sorts a column by the mean position of each job's neighbours; jobs without any keep their place.
function settle(column: string[], near: Map<string, string[]>, position: Map<string, number>): void {
  const mean = (id: string) => {
    const places = (near.get(id) ?? []).map((other) => position.get(other)).filter((place) => place !== undefined);
    if (places.length === 0) return position.get(id) ?? 0;
    return places.reduce((sum, place) => sum + place, 0) / places.length;
  };
  const wanted = new Map(column.map((id) => [id, mean(id)]));
  column.sort((a, b) => (wanted.get(a) ?? 0) - (wanted.get(b) ?? 0));
  spread(column, position);
}

// Positions count from the column's middle.
function spread(column: readonly string[], position: Map<string, number>) {
  column.forEach((id, index) => position.set(id, index - (column.length - 1) / 2));
}

function orderedColumns(jobs: readonly GraphJob[]): string[][] {
  const columns: string[][] = [];
  for (const [id, column] of columnsOf(jobs)) (columns[column] ??= []).push(id);
  const position = new Map<string, number>();
  for (const column of columns) spread(column, position);
  const { before, after } = neighbours(jobs);
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    for (const column of columns) settle(column, before, position);
    for (const column of [...columns].reverse()) settle(column, after, position);
  }
  for (const column of columns) settle(column, before, position);
  return columns;
}

export function layOut(jobs: readonly GraphJob[]): Layout {
  const columns = orderedColumns(jobs);
  const rowHeight = NODE.height + GAP.y;
  const tallest = Math.max(0, ...columns.map((column) => column.length));
  const height = Math.max(0, tallest * rowHeight - GAP.y);
  const places = new Map<string, Place>();
  columns.forEach((column, index) => {
    const top = (height - (column.length * rowHeight - GAP.y)) / 2;
    column.forEach((id, row) =>
      places.set(id, {
        x: index * (NODE.width + GAP.x),
        y: top + row * rowHeight,
      }),
    );
  });
  const width = Math.max(0, columns.length * (NODE.width + GAP.x) - GAP.x);
  return { places, width, height };
}
