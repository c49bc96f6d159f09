import { useEffect, useState } from "react";

import { useProjects } from "../../api/queries/projects";
import { Filter } from "../../shared/ui/Filter";
import type { PipelineFilters } from "./filters";
import styles from "./FilterBar.module.css";

interface Props {
  filters: PipelineFilters;
  onChange: (part: Partial<PipelineFilters>) => void;
}

export function FilterBar({ filters, onChange }: Props) {
  const projects = useProjects();
  return (
    <div className={styles.bar} role="search">
      <select
        aria-label="Project"
        value={filters.project}
        onChange={(event) => onChange({ project: event.target.value })}
      >
        <option value="">All projects</option>
        {projects.data?.map((project) => (
          <option key={project.id} value={project.slug}>
            {project.slug}
          </option>
        ))}
      </select>
      <BranchFilter branch={filters.branch} onChange={(branch) => onChange({ branch })} />
      <Filter label="Filter by text" shortcut value={filters.text} onChange={(text) => onChange({ text })} />
    </div>
  );
}

const TYPING_MS = 400;

// The server is asked once the typing pauses.
function BranchFilter(props: { branch: string; onChange: (branch: string) => void }) {
  const { branch, onChange } = props;
  const [typed, setTyped] = useState(branch);
  const [seen, setSeen] = useState(branch);
  if (seen !== branch) {
    setSeen(branch); // changed from outside, by going back
    if (branch !== typed.trim()) setTyped(branch);
  }
  useEffect(() => {
    if (typed.trim() === branch) return;
    const timer = setTimeout(() => onChange(typed.trim()), TYPING_MS);
    return () => clearTimeout(timer);
  }, [typed, branch, onChange]);
  return <Filter label="Branch" value={typed} onChange={setTyped} />;
}
