import { send } from "./client";
import { paths, type OutputAddress } from "./paths";
import { backoff, chunksOf, pause } from "./stream";

// All bytes of a step's output in order, from the one at `start`, until the step has ended and everything was read. A broken
// connection goes on where it broke. `isRunning` is asked before each reading: the last one begins after the end.
export async function* followOutput(
  address: OutputAddress,
  start: number,
  isRunning: () => boolean,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  let offset = start;
  let failures = 0;
  while (!signal.aborted) {
    const running = isRunning();
    const before = offset;
    try {
      const response = await send(paths.output(address, offset, running), {
        signal,
      });
      for await (const chunk of chunksOf(response)) {
        offset += chunk.length;
        failures = 0;
        yield chunk;
      }
      if (!running) return;
      failures = offset > before ? 0 : failures + 1;
    } catch (error) {
      if (signal.aborted) return;
      failures += 1;
      if (failures > 8) throw error;
    }
    await pause(backoff(failures), signal);
  }
}
