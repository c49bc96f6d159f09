import { useState } from "react";

import { useArtifacts, type JobName } from "../../api/queries/jobs";
import { formatBytes, plural } from "../../shared/time";
import { Filter } from "../../shared/ui/Filter";
import { Empty, Loading, Problem } from "../../shared/ui/Notice";
import styles from "./ArtifactList.module.css";

const SHOWN = 500; // rows; more would make the page slow, the filter finds the rest

export function ArtifactList({ job }: { job: JobName }) {
  const artifacts = useArtifacts(job);
  const [text, setText] = useState("");
  if (artifacts.isPending) return <Loading what="artifacts" />;
  if (!artifacts.data) return <Problem error={artifacts.error} onRetry={() => void artifacts.refetch()} />;
  if (artifacts.data.length === 0)
    return (
      <Empty title="No artifacts">
        <p>
          A <code>store_artifacts</code> step keeps files here.
        </p>
      </Empty>
    );
  const parallel = artifacts.data.some(({ node_index }) => node_index > 0);
  const found = artifacts.data.filter(({ path }) => path.toLowerCase().includes(text.trim().toLowerCase()));
  return (
    <>
      <div className={styles.bar}>
        <Filter label="Filter artifacts" shortcut value={text} onChange={setText} />
        <span role="status">{plural(found.length, "artifact")}</span>
      </div>
      <ul className={styles.list} aria-label="Artifacts">
        {found.slice(0, SHOWN).map((artifact) => (
          <li key={`${artifact.node_index}/${artifact.path}`}>
            <a data-row href={artifact.url} target="_blank" rel="noreferrer">
              {artifact.path}
            </a>
            <span>
              {[parallel && `task ${artifact.node_index}`, artifact.size !== undefined && formatBytes(artifact.size)]
                .filter(Boolean)
                .join(" · ")}
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}
