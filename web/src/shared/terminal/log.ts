import { LineBuilder, type Line } from "./line";
import { applySgr, plain, type Style } from "./style";

// Turns the bytes of a step's output into lines, as a terminal of endless height would show them: colours, carriage
// returns, backspaces and erasing within a line are carried out; all other control sequences are left out. Memory is
// bounded: the oldest rows go, and their number is kept. A row is a line, or a piece of one that is longer than
// MAX_ROW; only the first piece of a line has a number.

export const MAX_ROW = 4096; // characters
const LONGEST_SEQUENCE = 2048; // characters of an escape sequence still believed to be one

export interface LogLimits {
  rows: number;
  characters: number;
}
const limits: LogLimits = { rows: 500_000, characters: 64_000_000 };

const control = /[\x00-\x08\x0a-\x1f\x7f]/g;
// CSI, OSC (ended by BEL or ST), a two-byte sequence with intermediates
const sequence = /\x1b(?:\[([0-9:;<=>?]*)[ -/]*([@-~])|\][^\x00-\x1f\x7f]*(?:\x07|\x1b\\)|[ -/]*[0-Z\\^-~])/y;
const begunSequence = /^\x1b(?:\[[0-9:;<=>?]*[ -/]*|\][^\x00-\x1f\x7f]*\x1b?|[ -/]*)$/;

export class LogBuffer {
  private readonly limit: LogLimits;
  private readonly decoder = new TextDecoder();
  private readonly listeners = new Set<() => void>();
  private rows: Line[] = [];
  private continued: number[] = []; // rows, counted from the first ever, that continue the row before
  private dropped = 0; // rows that went
  private characters = 0;
  private rest = ""; // an escape sequence that has not ended
  private style: Style = plain;
  private open = new LineBuilder();
  private openContinues = false;

  bytes = 0; // taken so far
  version = 0; // grows with each change

  constructor(limit: LogLimits = limits) {
    this.limit = limit;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  feed(bytes: Uint8Array): void {
    this.bytes += bytes.length;
    this.take(this.decoder.decode(bytes, { stream: true }));
    this.changed();
  }

  // Rows that can be read: [first, end).
  get first(): number {
    return this.dropped;
  }
  get end(): number {
    return this.dropped + this.rows.length + (this.open.length > 0 ? 1 : 0);
  }

  // All lines so far, those that went included.
  get lines(): number {
    const openPiece = this.openContinues && this.open.length > 0 ? 1 : 0;
    return this.end - this.continued.length - openPiece;
  }

  row(index: number): Line {
    return this.rows[index - this.dropped] ?? this.open.finish();
  }

  // The line's number, from 1; undefined for a further piece of a long line.
  lineNumber(index: number): number | undefined {
    const before = lowerBound(this.continued, index);
    const isPiece =
      this.continued[before] === index || (this.openContinues && index === this.dropped + this.rows.length);
    return isPiece ? undefined : index - before + 1;
  }

  // The first row of a line.
  rowOf(line: number): number {
    let row = line - 1;
    for (const piece of this.continued) {
      if (piece > row) break;
      row += 1;
    }
    return row;
  }

  private changed(): void {
    this.version += 1;
    for (const listener of this.listeners) listener();
  }

  private take(chunk: string): void {
    const text = this.rest + chunk;
    this.rest = "";
    let at = 0;
    while (at < text.length) {
      control.lastIndex = at;
      const end = control.exec(text)?.index ?? text.length;
      if (end > at) this.write(text.slice(at, end));
      if (end === text.length) return;
      at = this.obey(text, end);
    }
  }

  private write(text: string): void {
    let at = 0;
    while (at < text.length) {
      if (this.open.length >= MAX_ROW) this.endRow(true);
      const room = Math.max(1, MAX_ROW - this.open.length);
      this.open.write(text.slice(at, at + room), this.style);
      at += room;
    }
  }

  // Carries out the control character at `at`; answers where to go on.
  private obey(text: string, at: number): number {
    const code = text[at];
    if (code === "\x1b") return this.escape(text, at);
    if (code === "\n") this.endRow(false);
    else if (code === "\r") this.open.moveTo(0);
    else if (code === "\b") this.open.moveBy(-1);
    return at + 1;
  }

  private escape(text: string, at: number): number {
    sequence.lastIndex = at;
    const match = sequence.exec(text);
    if (match) {
      if (match[2] !== undefined) this.command(match[2], match[1] ?? "");
      return sequence.lastIndex;
    }
    const rest = text.slice(at, at + LONGEST_SEQUENCE);
    if (rest.length === LONGEST_SEQUENCE || !begunSequence.test(rest)) return at + 1;
    this.rest = rest;
    return text.length;
  }

  private command(final: string, parameters: string): void {
    const numbers = parameters.split(/[;:]/, 32).map(Number);
    const count = numbers[0] || 1;
    if (final === "m") {
      if (!/[<=>?]/.test(parameters)) this.style = applySgr(this.style, numbers);
    } else if (final === "K") this.open.erase(numbers[0] ?? 0);
    else if (final === "G") this.open.moveTo(count - 1);
    else if (final === "C") this.open.moveBy(count);
    else if (final === "D") this.open.moveBy(-count);
  }

  private endRow(continues: boolean): void {
    if (this.openContinues) this.continued.push(this.dropped + this.rows.length);
    this.characters += this.open.length;
    this.rows.push(this.open.finish());
    this.open = new LineBuilder();
    this.openContinues = continues;
    if (this.rows.length > this.limit.rows || this.characters > this.limit.characters) this.dropOldest();
  }

  private dropOldest(): void {
    const gone = this.rows.splice(0, Math.ceil(this.rows.length / 8));
    for (const line of gone)
      this.characters -= typeof line === "string" ? line.length : line.reduce((sum, span) => sum + span.text.length, 0);
    this.dropped += gone.length;
  }
}

function lowerBound(sorted: readonly number[], value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
