import { plain, type Style } from "./style";

export interface Span {
  readonly text: string;
  readonly style: Style;
}
// A finished line. Most lines have no style and are only their text.
export type Line = string | readonly Span[];

export function textOf(line: Line): string {
  return typeof line === "string" ? line : line.map((span) => span.text).join("");
}

interface Run {
  length: number;
  style: Style;
}

// The line being written, with the cursor where the next text goes. Overwriting keeps the line as short as what is
// seen, however long a progress bar has been redrawn.
export class LineBuilder {
  private text = "";
  private runs: Run[] = [];
  private cursor = 0;

  get length(): number {
    return this.text.length;
  }

  write(text: string, style: Style): void {
    if (this.cursor > this.text.length) this.pad();
    const end = this.cursor + text.length;
    if (this.cursor === this.text.length) this.append(text, style);
    else this.overwrite(text, style);
    this.cursor = end;
  }

  moveTo(column: number): void {
    this.cursor = Math.min(Math.max(0, column), 4096);
  }

  moveBy(columns: number): void {
    this.moveTo(this.cursor + columns);
  }

  // ECMA-48 EL: 0 from the cursor to the end, 1 from the start to the cursor, 2 all.
  erase(mode: number): void {
    if (mode === 2) this.set("", []);
    else if (mode === 0) this.set(this.text.slice(0, this.cursor), cut(this.runs, 0, this.cursor));
    else if (mode === 1) {
      const at = this.cursor;
      this.moveTo(0);
      this.write(" ".repeat(at), plain);
    }
  }

  finish(): Line {
    if (this.runs.every((run) => run.style === plain)) return this.text;
    const spans: Span[] = [];
    let at = 0;
    for (const { length, style } of this.runs) {
      spans.push({ text: this.text.slice(at, at + length), style });
      at += length;
    }
    return spans;
  }

  private set(text: string, runs: Run[]): void {
    this.text = text;
    this.runs = runs;
  }

  private pad(): void {
    const missing = this.cursor - this.text.length;
    this.append(" ".repeat(missing), plain);
  }

  private append(text: string, style: Style): void {
    this.text += text;
    const last = this.runs[this.runs.length - 1];
    if (last?.style === style) last.length += text.length;
    else this.runs.push({ length: text.length, style });
  }

  private overwrite(text: string, style: Style): void {
    const end = this.cursor + text.length;
    const before = cut(this.runs, 0, this.cursor);
    const after = cut(this.runs, end, this.text.length);
    this.set(
      this.text.slice(0, this.cursor) + text + this.text.slice(end),
      [...before, { length: text.length, style }, ...after].reduce(join, []),
    );
  }
}

function join(runs: Run[], next: Run): Run[] {
  const last = runs[runs.length - 1];
  if (last?.style === next.style) last.length += next.length;
  else if (next.length > 0) runs.push({ ...next });
  return runs;
}

// The runs between two columns.
function cut(runs: readonly Run[], from: number, to: number): Run[] {
  const kept: Run[] = [];
  let at = 0;
  for (const { length, style } of runs) {
    const overlap = Math.min(to, at + length) - Math.max(from, at);
    if (overlap > 0) kept.push({ length: overlap, style });
    at += length;
  }
  return kept;
}
