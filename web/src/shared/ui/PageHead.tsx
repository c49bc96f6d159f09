import { Fragment, type ReactNode } from "react";
import { Link } from "react-router-dom";

import styles from "./PageHead.module.css";

export interface Crumb {
  label: ReactNode;
  to: string;
}

interface Props {
  crumbs?: readonly Crumb[];
  title: ReactNode;
  status?: ReactNode;
  actions?: ReactNode;
  children?: ReactNode; // facts below the title
}

export function PageHead(props: Props) {
  const { crumbs = [], title, status, actions, children } = props;
  return (
    <header className={styles.head}>
      {crumbs.length > 0 && (
        <nav aria-label="Breadcrumb" className={styles.crumbs}>
          {crumbs.map((crumb, index) => (
            <Fragment key={crumb.to}>
              {index > 0 && <span aria-hidden="true">/</span>}
              <Link to={crumb.to}>{crumb.label}</Link>
            </Fragment>
          ))}
        </nav>
      )}
      <div className={styles.line}>
        <h1 tabIndex={-1}>{title}</h1>
        {status && <span role="status">{status}</span>}
        {actions && <div className={styles.actions}>{actions}</div>}
      </div>
      {children && <dl className={styles.facts}>{children}</dl>}
    </header>
  );
}

export function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
