import type { ReactNode } from "react";

import type { Attempt, Step, Task } from "../../api/types";
import { Empty } from "../../shared/ui/Notice";
import { StatusDot } from "../../shared/ui/StatusBadge";
import { Tabs } from "../../shared/ui/Tabs";
import { AttemptPicker } from "./AttemptPicker";
import { taskLook, useSelection } from "./selection";
import { StepList } from "./StepList";

interface Props {
  tasks: readonly Task[];
  linked: number | undefined;
  output: (attempt: Attempt, step: Step) => ReactNode;
}

// The steps of one attempt at one task; tabs for parallel tasks.
export function JobSteps({ tasks, linked, output }: Props) {
  const selection = useSelection(tasks);
  const { task, attempt, selectTask, selectAttempt } = selection;
  const steps = attempt ? (
    <>
      <AttemptPicker attempts={task?.attempts ?? []} selected={attempt} onSelect={selectAttempt} />
      <StepList key={attempt.id} attempt={attempt} linked={linked} output={output} />
    </>
  ) : (
    <Empty title="Not started">
      <p>The steps appear here as soon as an agent begins.</p>
    </Empty>
  );
  if (tasks.length < 2) return steps;
  return (
    <Tabs
      label="Parallel tasks"
      kind="pills"
      tabs={tasks.map((each) => ({
        key: String(each.index),
        label: (
          <>
            <StatusDot look={taskLook(each)} size={12} /> Task {each.index}
          </>
        ),
      }))}
      selected={String(task?.index ?? 0)}
      onSelect={(key) => selectTask(Number(key))}
    >
      {steps}
    </Tabs>
  );
}
