import { useSearchParams } from "react-router-dom";

import { useUsage, type JobName } from "../../api/queries/jobs";
import type { AttemptUsage, Task } from "../../api/types";
import { formatDuration } from "../../shared/time";
import { Empty, Loading, Notice, Problem } from "../../shared/ui/Notice";
import { chartsOf } from "./charts";
import styles from "./JobUsage.module.css";
import { UsageChart } from "./UsageChart";

interface Props {
  job: JobName;
  tasks: readonly Task[];
}

const isRunning = (tasks: readonly Task[]) => tasks.some(({ status }) => status !== "finished");

// What the attempts of a job used of their machines; it grows while the job runs.
export function JobUsage({ job, tasks }: Props) {
  const running = isRunning(tasks);
  const usages = useUsage(job, running);
  const [search, setSearch] = useSearchParams();
  if (usages.isPending) return <Loading what="what it used" />;
  if (!usages.data) return <Problem error={usages.error} onRetry={() => void usages.refetch()} />;
  if (usages.data.length === 0) return <Nothing tasks={tasks} running={running} />;
  const shown = chosen(usages.data, search);
  const choose = (item: AttemptUsage) =>
    setSearch(
      (previous) => {
        const next = new URLSearchParams(previous);
        next.set("task", String(item.task));
        next.set("attempt", String(item.attempt));
        return next;
      },
      { replace: true },
    );
  return (
    <>
      {usages.data.length > 1 && <Picker usages={usages.data} shown={shown} onChoose={choose} />}
      {shown && <Charts item={shown} />}
    </>
  );
}

// As the address says (?task=1&attempt=1), else the last attempt at the first task.
function chosen(usages: readonly AttemptUsage[], search: URLSearchParams): AttemptUsage | undefined {
  const task = Number(search.get("task") ?? 0);
  const attempts = usages.filter((item) => item.task === task);
  const exact = attempts.find(({ attempt }) => attempt === Number(search.get("attempt")));
  return exact ?? attempts[attempts.length - 1] ?? usages[0];
}

// Before its own steps, from 101 on, the job's place is made.
function whyNothing(tasks: readonly Task[]): string {
  const last = tasks.flatMap(({ attempts }) => attempts.slice(-1))[0];
  if (!last) return "The job never began.";
  if (last.steps.some(({ index }) => index > 0))
    return "Its agent was lost before it could tell, or the job ran before this was counted.";
  return `It ended before its first step${last.outcome?.reason ? `: ${last.outcome.reason}` : "."}`;
}

function Nothing({ tasks, running }: { tasks: readonly Task[]; running: boolean }) {
  const began = tasks.some(({ attempts }) => attempts.length > 0);
  if (!running)
    return (
      <Empty title="Nothing was measured">
        <p>{whyNothing(tasks)}</p>
      </Empty>
    );
  return began ? (
    <Empty title="Nothing is measured yet">
      <p>The first numbers come some seconds after the start; those of a short job come with its end.</p>
    </Empty>
  ) : (
    <Empty title="Not started">
      <p>What the job uses appears here while it runs.</p>
    </Empty>
  );
}

interface PickerProps {
  usages: readonly AttemptUsage[];
  shown: AttemptUsage | undefined;
  onChoose: (item: AttemptUsage) => void;
}

function Picker({ usages, shown, onChoose }: PickerProps) {
  return (
    <label className={styles.picker}>
      Attempt
      <select
        value={shown ? usages.indexOf(shown) : 0}
        onChange={({ target }) => {
          const item = usages[Number(target.value)];
          if (item) onChoose(item);
        }}
      >
        {usages.map((item, index) => (
          <option key={`${item.task}.${item.attempt}`} value={index}>
            task {item.task}, attempt {item.attempt}
            {item.complete ? "" : " (running)"}
          </option>
        ))}
      </select>
    </label>
  );
}

function Charts({ item: { usage, complete, cpu_share: share, error } }: { item: AttemptUsage }) {
  if (!usage) return <Notice tone="trouble">{error}</Notice>;
  return (
    <>
      <p className={styles.summary} role="status">
        {complete ? "It took " : "It runs; so far "}
        {formatDuration(usage.wall_ms)}
        {share !== null && `, with ${Math.round(share * 100)}% of its CPUs on average`}.
      </p>
      <div className={styles.charts}>
        {chartsOf(usage).map((chart) => (
          <UsageChart key={chart.title} chart={chart} times={usage.samples.at_ms} />
        ))}
      </div>
    </>
  );
}
