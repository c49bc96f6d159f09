import { useState } from "react";

import type { Attempt, Step, StepStatus } from "../../api/types";

// Steps whose output people want to see without asking. A background step runs beside the others and would push them
// out of sight.
const interesting: Record<StepStatus, boolean> = {
  running: true,
  failed: true,
  timedout: true,
  infrastructure_fail: true,
  canceled: true,
  success: false,
  skipped: false,
};

// A step opens while it is interesting, and closes when it ends well, unless the reader opened, closed or touched it.
export function useOpenSteps(attempt: Attempt, linked: number | undefined) {
  const [chosen, setChosen] = useState<ReadonlyMap<string, boolean>>(new Map());
  const key = (step: Step) => `${attempt.id}/${step.index}`;
  const isOpen = (step: Step) =>
    chosen.get(key(step)) ??
    (step.index === linked || (interesting[step.status] && !(step.background && step.status !== "failed")));
  const toggle = (step: Step, open: boolean) => {
    if (chosen.get(key(step)) !== open) setChosen(new Map(chosen).set(key(step), open));
  };
  return { isOpen, toggle };
}
