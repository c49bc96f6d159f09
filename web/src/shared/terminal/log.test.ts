import { describe, expect, it } from "vitest";

import { textOf } from "./line";
import { LogBuffer, MAX_ROW } from "./log";

const encode = (text: string) => new TextEncoder().encode(text);

function logOf(...chunks: string[]): LogBuffer {
  const log = new LogBuffer();
  for (const chunk of chunks) log.feed(encode(chunk));
  return log;
}

function rowsOf(log: LogBuffer): string[] {
  const rows: string[] = [];
  for (let row = log.first; row < log.end; row += 1) rows.push(textOf(log.row(row)));
  return rows;
}

describe("what a terminal would show", () => {
  it.each<[string, string, string[]]>([
    ["lines", "one\ntwo\n", ["one", "two"]],
    ["a last line without an end", "one\ntwo", ["one", "two"]],
    ["empty lines", "\n\na\n", ["", "", "a"]],
    ["lines of Windows", "one\r\ntwo\r\n", ["one", "two"]],
    ["a progress bar", "10%\r50%\r100%\ndone\n", ["100%", "done"]],
    ["a shorter text over a longer", "abcdef\rxy\n", ["xycdef"]],
    ["a line erased to its end", "abcdef\rxy\x1b[K\n", ["xy"]],
    ["a line erased whole", "abcdef\r\x1b[2Kxy\n", ["xy"]],
    ["backspaces", "abc\b\bX\n", ["aXc"]],
    ["a column", "ab\x1b[5Gc\n", ["ab  c"]],
    ["the cursor moved back", "abc\x1b[2DX\n", ["aXc"]],
    ["tabs, kept", "a\tb\n", ["a\tb"]],
    ["bells and NULs, left out", "a\x07b\x00c\n", ["abc"]],
    ["a title for the window, left out", "\x1b]0;title\x07a\n", ["a"]],
    ["a sequence that breaks off", "\x1b]0;ti\na\x1b[3\n", ["]0;ti", "a[3"]],
    ["a link", "\x1b]8;;http://x\x1b\\text\x1b]8;;\x1b\\\n", ["text"]],
    ["modes of the terminal, left out", "\x1b[?25la\x1b[?25h\n", ["a"]],
    ["a character set, left out", "\x1b(Ba\n", ["a"]],
    ["markup, as text", "<b onclick=x>&amp;\n", ["<b onclick=x>&amp;"]],
  ])("shows %s", (_, text, rows) => {
    expect(rowsOf(logOf(text))).toEqual(rows);
    // the same byte by byte
    const slow = new LogBuffer();
    for (const byte of encode(text)) slow.feed(Uint8Array.of(byte));
    expect(rowsOf(slow)).toEqual(rows);
  });

  it("joins characters that are cut between two chunks", () => {
    const bytes = encode("grün ✓\n");
    const log = new LogBuffer();
    for (const byte of bytes) log.feed(Uint8Array.of(byte));
    expect(rowsOf(log)).toEqual(["grün ✓"]);
    expect(log.bytes).toBe(bytes.length);
  });

  it("shows bytes that are no text as replacement characters", () => {
    const log = new LogBuffer();
    log.feed(Uint8Array.of(0x61, 0xff, 0xfe, 0x0a));
    expect(rowsOf(log)).toEqual(["a\ufffd\ufffd"]);
  });

  it("does not wait for ever for the end of an escape sequence", () => {
    const log = logOf(`\x1b]0;${"x".repeat(5000)}`, "\nb\n");
    expect(rowsOf(log).at(-1)).toBe("b");
  });
});

describe("colours", () => {
  it("last over the end of a line", () => {
    const log = logOf("\x1b[31mred\nstill\x1b[0m plain\n");
    expect(log.row(0)).toMatchObject([{ text: "red", style: { fg: 1 } }]);
    expect(log.row(1)).toMatchObject([
      { text: "still", style: { fg: 1 } },
      { text: " plain", style: { fg: undefined } },
    ]);
  });

  it.each([
    ["1;32", { bold: true, fg: 2 }],
    ["97;41", { fg: 15, bg: 1 }],
    ["38;5;9", { fg: 9 }],
    ["38;5;196", { fg: "rgb(255,0,0)" }],
    ["48;5;244", { bg: "rgb(128,128,128)" }],
    ["38;2;1;2;3;1", { fg: "rgb(1,2,3)", bold: true }],
    ["38;2;999;0", { fg: undefined }],
    ["38;5", { fg: undefined }],
    ["4:3", { underline: true }],
    ["31;7;0;2", { fg: undefined, inverse: false, dim: true }],
  ])("understand %s", (parameters, style) => {
    const log = logOf(`\x1b[1mx\x1b[0;${parameters}my\n`);
    expect(log.row(0)).toMatchObject([{}, { text: "y", style }]);
  });

  it("stay with their text when a part is overwritten", () => {
    const log = logOf("\x1b[31mabcd\x1b[0m\r\x1b[32mXY\x1b[0m\n");
    expect(log.row(0)).toMatchObject([
      { text: "XY", style: { fg: 2 } },
      { text: "cd", style: { fg: 1 } },
    ]);
  });
});

describe("bounds", () => {
  it("splits a line that is too long, and numbers its first piece only", () => {
    const log = logOf(`a\n${"x".repeat(2 * MAX_ROW + 1)}\nb\n`);
    const numbers = [0, 1, 2, 3, 4].map((row) => log.lineNumber(row));
    expect(numbers).toEqual([1, 2, undefined, undefined, 3]);
    expect(log.lines).toBe(3);
    expect([1, 2, 3].map((line) => log.rowOf(line))).toEqual([0, 1, 4]);
  });

  it("lets the oldest rows go, and keeps counting lines", () => {
    const log = new LogBuffer({ rows: 800, characters: 1e6 });
    for (let line = 1; line <= 2000; line += 1) log.feed(encode(`line ${line}\n`));
    expect(log.end - log.first).toBeLessThanOrEqual(800);
    expect(log.first).toBeGreaterThan(1000);
    expect(log.lineNumber(log.end - 1)).toBe(2000);
    expect(textOf(log.row(log.end - 1))).toBe("line 2000");
  });

  it("bounds characters as well as rows", () => {
    const log = new LogBuffer({ rows: 1e6, characters: 10_000 });
    for (let line = 0; line < 100; line += 1) log.feed(encode(`${"x".repeat(999)}\n`));
    expect(log.end - log.first).toBeLessThanOrEqual(11);
  });

  it("keeps a progress bar of a million steps as one line", () => {
    const log = new LogBuffer();
    for (let i = 0; i < 1000; i += 1) log.feed(encode("\r50% ====".repeat(100)));
    expect(rowsOf(log)).toEqual(["50% ===="]);
  });
});
