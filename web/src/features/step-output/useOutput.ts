import { useEffect, useRef, useState, useSyncExternalStore } from "react";

import { followOutput } from "../../api/output";
import type { OutputAddress } from "../../api/paths";
import { useVisible } from "../../api/visible";
import { LogBuffer } from "../../shared/terminal/log";

export interface Output {
  log: LogBuffer;
  version: number; // of the log
  complete: boolean; // the step has ended and all of it was read
  problem: Error | undefined;
}

// Reads a step's output into a log, live while the step runs and the tab can be seen. The address must not change:
// give the component a key.
export function useOutput(address: OutputAddress, running: boolean): Output {
  const [log] = useState(() => new LogBuffer());
  const [complete, setComplete] = useState(false);
  const [problem, setProblem] = useState<Error>();
  const latestRunning = useRef(running);
  useEffect(() => {
    latestRunning.current = running;
  }, [running]);
  const visible = useVisible();
  const { attempt, step } = address;

  useEffect(() => {
    if (!visible || complete) return;
    const stop = new AbortController();
    const read = async () => {
      const chunks = followOutput({ attempt, step }, log.bytes, () => latestRunning.current, stop.signal);
      for await (const chunk of chunks) {
        if (stop.signal.aborted) return;
        log.feed(chunk);
      }
      if (!stop.signal.aborted) setComplete(true);
    };
    read().catch(setProblem);
    return () => stop.abort();
  }, [attempt, step, log, visible, complete]);

  return { log, version: useVersion(log), complete, problem };
}

// Renews the page once per frame, however often the log changes.
function useVersion(log: LogBuffer): number {
  const [subscribe] = useState(() => (listener: () => void) => {
    let frame = 0;
    const unsubscribe = log.subscribe(() => {
      frame ||= requestAnimationFrame(() => {
        frame = 0;
        listener();
      });
    });
    return () => {
      unsubscribe();
      cancelAnimationFrame(frame);
    };
  });
  return useSyncExternalStore(subscribe, () => log.version);
}
