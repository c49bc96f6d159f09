import { useProjects } from "../../api/queries/projects";
import { Empty } from "../../shared/ui/Notice";

// Says what to do, with the reader's own project where there is one.
export function NoPipelines() {
  const projects = useProjects();
  const first = projects.data?.[0];
  if (!first)
    return (
      <Empty title="No projects yet">
        <p>On the machine that runs the server, name a repository:</p>
        <pre>gyre project add git/shop /srv/git/shop.git{"\n"}gyre trigger git/shop</pre>
        <p>
          Its <code>.circleci/config.yml</code> says what to run.
        </p>
      </Empty>
    );
  return (
    <Empty title="No pipelines yet">
      <p>Push to the repository, press Trigger, or run</p>
      <pre>gyre trigger {first.slug}</pre>
    </Empty>
  );
}
