import { useSyncExternalStore } from "react";

// One clock for the page: every ticking duration changes at the same moment, and the timer stops when none ticks.
const SECOND = 1000;
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;
let now = 0;

function read(): number {
  if (listeners.size === 0) now = Math.floor(Date.now() / SECOND) * SECOND;
  return now;
}

function subscribe(listener: () => void): () => void {
  if (listeners.size === 0) {
    read();
    timer = setInterval(() => {
      now = Date.now();
      for (const each of listeners) each();
    }, SECOND);
  }
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) clearInterval(timer);
  };
}

const never = () => () => undefined;

// The time in milliseconds, renewed each second while `ticking`; 0 when it does not tick.
export function useNow(ticking = true): number {
  return useSyncExternalStore(ticking ? subscribe : never, ticking ? read : () => 0);
}
