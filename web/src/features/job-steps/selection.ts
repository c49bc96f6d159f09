import { useSearchParams } from "react-router-dom";

import type { Attempt, AttemptState, Task } from "../../api/types";
import { lookOf, outcomeLooks, taskLooks, type Look } from "../../shared/status";

export interface Selection {
  task: Task | undefined;
  attempt: Attempt | undefined;
  selectTask: (index: number) => void;
  selectAttempt: (number: number) => void;
}

// Which task and attempt is shown: as the address says (?task=1&attempt=1), else the first task and its last attempt.
export function useSelection(tasks: readonly Task[]): Selection {
  const [search, setSearch] = useSearchParams();
  const wanted = Number(search.get("task") ?? 0);
  const task = tasks.find(({ index }) => index === wanted) ?? tasks[0];
  const attempts = task?.attempts ?? [];
  const number = Number(search.get("attempt"));
  const attempt = attempts.find((each) => each.number === number) ?? attempts[attempts.length - 1];
  const select = (task: number, attempt?: number) =>
    setSearch(
      (previous) => {
        const next = new URLSearchParams(previous);
        next.set("task", String(task));
        if (attempt === undefined) next.delete("attempt");
        else next.set("attempt", String(attempt));
        return next;
      },
      { replace: true },
    );
  return {
    task,
    attempt,
    selectTask: (index) => select(index),
    selectAttempt: (chosen) => select(task?.index ?? 0, chosen),
  };
}

const stateLooks: Record<AttemptState, Look> = {
  placed: taskLooks.placed,
  running: taskLooks.running,
  finished: taskLooks.finished,
};

export function attemptLook(attempt: Attempt): Look {
  return attempt.outcome ? lookOf(outcomeLooks, attempt.outcome.kind) : lookOf(stateLooks, attempt.state);
}

export function taskLook(task: Task): Look {
  const last = task.attempts[task.attempts.length - 1];
  return last && task.status !== "queued" ? attemptLook(last) : lookOf(taskLooks, task.status);
}
