import { expect, it, vi } from "vitest";

import { connect } from "../testing/render";
import { World } from "../testing/world";
import { followOutput } from "./output";
import * as stream from "./stream";

async function read(isRunning: () => boolean, start = 0, signal = new AbortController().signal): Promise<string> {
  let text = "";
  const address = { attempt: "a", step: 101 };
  for await (const chunk of followOutput(address, start, isRunning, signal)) text += new TextDecoder().decode(chunk);
  return text;
}

it("reads an ended step once, from where it is told", async () => {
  const world = new World();
  world.write("a", 101, "0123456789");
  connect(world);
  expect(await read(() => false, 4)).toBe("456789");
});

it("follows a running step, and reads the rest after its end", async () => {
  vi.spyOn(stream, "backoff").mockReturnValue(0);
  const world = new World();
  world.write("a", 101, "one ", false);
  connect(world);
  let running = true;
  const text = read(() => running);
  setTimeout(() => {
    world.write("a", 101, "two ", false);
    running = false;
    world.write("a", 101, "three", true);
  });
  expect(await text).toBe("one two three");
});

it("goes on at the byte where a connection broke", async () => {
  vi.spyOn(stream, "backoff").mockReturnValue(0);
  const offsets: string[] = [];
  vi.stubGlobal("fetch", (path: string) => {
    offsets.push(new URL(path, "http://x").searchParams.get("offset") ?? "0");
    if (offsets.length === 2) return Promise.reject(new TypeError("reset"));
    let sent = false;
    const body = new ReadableStream({
      pull(controller) {
        if (offsets.length === 1 && sent) controller.error(new Error("reset"));
        else if (sent) controller.close();
        else controller.enqueue(new TextEncoder().encode("12345"));
        sent = true;
      },
    });
    return Promise.resolve(new Response(body));
  });
  expect(await read(() => false)).toBe("1234512345");
  expect(offsets).toEqual(["0", "5", "5"]);
});

it("gives up with the server's sentence when it keeps refusing", async () => {
  vi.spyOn(stream, "backoff").mockReturnValue(0);
  vi.stubGlobal("fetch", () => Promise.resolve(new Response('{"message":"Output was removed."}', { status: 410 })));
  await expect(read(() => false)).rejects.toThrow("Output was removed.");
});
