import { useSearchParams } from "react-router-dom";

import { useArtifacts, useTests, type JobName } from "../../api/queries/jobs";
import type { Task } from "../../api/types";
import { ArtifactList } from "../../features/job-artifacts/ArtifactList";
import { JobSteps } from "../../features/job-steps/JobSteps";
import { TestList } from "../../features/job-tests/TestList";
import { JobUsage } from "../../features/job-usage/JobUsage";
import { Loading } from "../../shared/ui/Notice";
import { Tabs } from "../../shared/ui/Tabs";
import { useLineLink } from "./useLineLink";

const keys = ["steps", "tests", "artifacts", "resources"] as const;
type Key = (typeof keys)[number];

interface Props {
  name: JobName;
  tasks: readonly Task[] | undefined;
}

export function JobTabs({ name, tasks }: Props) {
  const [search, setSearch] = useSearchParams();
  const selected = keys.find((key) => key === search.get("tab")) ?? "steps";
  const tests = useTests(name);
  const artifacts = useArtifacts(name);
  const { linked, output } = useLineLink();
  const select = (key: Key) =>
    setSearch(
      (previous) => {
        const next = new URLSearchParams(previous);
        if (key === "steps") next.delete("tab");
        else next.set("tab", key);
        return next;
      },
      { replace: true },
    );
  return (
    <Tabs<Key>
      label="Parts of the job"
      tabs={[
        { key: "steps", label: "Steps" },
        { key: "tests", label: `Tests${count(tests.data)}` },
        { key: "artifacts", label: `Artifacts${count(artifacts.data)}` },
        { key: "resources", label: "Resources" },
      ]}
      selected={selected}
      onSelect={select}
    >
      {selected === "tests" && <TestList job={name} />}
      {selected === "artifacts" && <ArtifactList job={name} />}
      {selected === "resources" && (tasks ? <JobUsage job={name} tasks={tasks} /> : <Loading what="the tasks" />)}
      {selected === "steps" &&
        (tasks ? <JobSteps tasks={tasks} linked={linked} output={output} /> : <Loading what="the steps" />)}
    </Tabs>
  );
}

function count(items: readonly unknown[] | undefined): string {
  return items && items.length > 0 ? ` (${items.length.toLocaleString("en")})` : "";
}
