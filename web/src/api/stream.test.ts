import { expect, it } from "vitest";

import { chunksOf, jsonLines } from "./stream";

async function* chunks(...texts: string[]) {
  for (const text of texts) yield new TextEncoder().encode(text);
}

async function read(...texts: string[]): Promise<unknown[]> {
  const values: unknown[] = [];
  for await (const value of jsonLines(chunks(...texts))) values.push(value);
  return values;
}

it("reads a value per line, however the bytes are cut", async () => {
  expect(await read('{"a":', '1}\n{"a"', ":2}\n")).toEqual([{ a: 1 }, { a: 2 }]);
});

it("leaves out signs of life, broken lines and an unfinished end", async () => {
  expect(await read('\n\nnot json\n{"a":3}\n{"a":')).toEqual([{ a: 3 }]);
});

it("does not gather a line without end", async () => {
  const endless = Array.from({ length: 20 }, () => "x".repeat(10_000));
  expect(await read(...endless, '\n{"a":4}\n')).toEqual([{ a: 4 }]);
});

it("takes an answer for dead that is silent for too long", async () => {
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new TextEncoder().encode("one")),
  });
  const seen: string[] = [];
  for await (const chunk of chunksOf(new Response(body), 20)) seen.push(new TextDecoder().decode(chunk));
  expect(seen).toEqual(["one"]);
});
