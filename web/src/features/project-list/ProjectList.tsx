import { useRef, type ReactNode } from "react";
import { Link } from "react-router-dom";

import { useProjects } from "../../api/queries/projects";
import type { Project } from "../../api/types";
import { useListKeys } from "../../shared/keyboard";
import { links } from "../../shared/links";
import { Empty, Loading, Problem } from "../../shared/ui/Notice";
import styles from "./ProjectList.module.css";

interface Props {
  text: string; // part of the slug
  actions: (project: Project) => ReactNode;
}

export function ProjectList({ text, actions }: Props) {
  const projects = useProjects();
  const list = useRef<HTMLUListElement>(null);
  useListKeys(list);

  if (projects.isPending) return <Loading what="projects" />;
  if (!projects.data) return <Problem error={projects.error} onRetry={() => void projects.refetch()} />;
  if (projects.data.length === 0)
    return (
      <Empty title="No projects yet">
        <p>On the machine that runs the server, name a repository:</p>
        <pre>gyre project add git/shop /srv/git/shop.git</pre>
      </Empty>
    );
  const shown = projects.data.filter((project) => project.slug.toLowerCase().includes(text.trim().toLowerCase()));
  if (shown.length === 0) return <Empty title="No project matches" />;
  return (
    <ul ref={list} className={styles.list} aria-label="Projects">
      {shown.map((project) => (
        <li key={project.id} className={styles.row}>
          <div className={styles.what}>
            <Link data-row to={links.pipelines({ project: project.slug })}>
              {project.slug}
            </Link>
            <span className={styles.remote}>
              {project.vcs_info.vcs_url} · {project.vcs_info.default_branch}
            </span>
          </div>
          {actions(project)}
        </li>
      ))}
    </ul>
  );
}
