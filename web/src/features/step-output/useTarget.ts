import { useEffect, useRef } from "react";

import type { LogBuffer } from "../../shared/terminal/log";

// Scrolls once to the line that the address points at, as soon as it has been read.
export function useTarget(log: LogBuffer, target: number | undefined, scrollTo: (index: number) => void): void {
  const shown = useRef<number>(undefined);
  useEffect(() => {
    if (target === undefined || shown.current === target) return;
    const row = log.rowOf(target);
    if (row < log.first || row >= log.end) return;
    shown.current = target;
    scrollTo(row - log.first);
  });
}
