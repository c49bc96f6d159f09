// Reading answers that never seem to end.

// An answer that is silent for longer than `patience` ms is taken for dead and ends: a connection that a sleeping
// machine or a network on the way forgot reports nothing.
export async function* chunksOf(response: Response, patience = Infinity): AsyncGenerator<Uint8Array> {
  const reader = response.body?.getReader();
  if (!reader) return;
  const cancel = () => void reader.cancel().catch(() => undefined);
  try {
    for (;;) {
      const timer = Number.isFinite(patience) ? setTimeout(cancel, patience) : undefined;
      const { done, value } = await reader.read();
      clearTimeout(timer);
      if (done) return;
      yield value;
    }
  } finally {
    cancel();
  }
}

const LONGEST_LINE = 64 * 1024; // characters

// Lines of newline-delimited JSON. Empty lines (a server's sign of life) and broken ones are left out.
export async function* jsonLines<T>(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<T> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    if (rest.length > LONGEST_LINE) rest = "";
    for (const line of lines) {
      const value = parse<T>(line);
      if (value !== undefined) yield value;
    }
  }
}

function parse<T>(line: string): T | undefined {
  try {
    return line.trim() ? (JSON.parse(line) as T) : undefined;
  } catch {
    return undefined;
  }
}

// Resolves after `ms`, or at once when aborted.
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

// 0.5 s, 1 s, 2 s ... 15 s, shortened by chance so that many pages do not come back at once.
export function backoff(failures: number): number {
  const longest = Math.min(15_000, 500 * 2 ** Math.min(failures, 10));
  return longest * (0.5 + Math.random() / 2);
}
