import { useRef, type ReactNode } from "react";

import type { Attempt, Step } from "../../api/types";
import { useListKeys } from "../../shared/keyboard";
import { Empty } from "../../shared/ui/Notice";
import { StepItem } from "./StepItem";
import { useOpenSteps } from "./useOpenSteps";

interface Props {
  attempt: Attempt;
  linked: number | undefined; // the step that the address points at
  output: (attempt: Attempt, step: Step) => ReactNode;
}

export function StepList({ attempt, linked, output }: Props) {
  const list = useRef<HTMLOListElement>(null);
  useListKeys(list);
  const { isOpen, toggle } = useOpenSteps(attempt, linked);
  if (attempt.steps.length === 0)
    return (
      <Empty title="No step yet">
        <p>The agent is preparing the place in which the job runs.</p>
      </Empty>
    );
  return (
    <ol ref={list} aria-label="Steps">
      {attempt.steps.map((step) => (
        <StepItem key={step.index} step={step} open={isOpen(step)} onToggle={(open) => toggle(step, open)}>
          {output(attempt, step)}
        </StepItem>
      ))}
    </ol>
  );
}
