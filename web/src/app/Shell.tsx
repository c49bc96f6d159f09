import { useState, type ReactNode } from "react";
import { NavLink, useNavigate } from "react-router-dom";

import { useLive } from "../api/live";
import { useSignOut } from "../api/queries/session";
import { useShortcuts } from "../shared/keyboard";
import { links } from "../shared/links";
import { Button } from "../shared/ui/Button";
import { HelpDialog } from "./HelpDialog";
import { LiveSign } from "./LiveSign";
import { Logo } from "./Logo";
import styles from "./Shell.module.css";

interface Props {
  login: string;
  children: ReactNode;
}

export function Shell({ login, children }: Props) {
  const [help, setHelp] = useState(false);
  const navigate = useNavigate();
  const signOut = useSignOut();
  useLive();
  useShortcuts({
    "g p": () => void navigate(links.pipelines()),
    "g j": () => void navigate(links.projects),
    "?": () => setHelp(true),
  });
  return (
    <>
      <a href="#main" className={styles.skip}>
        Skip to content
      </a>
      <header className={styles.bar}>
        <div className={styles.inner}>
          <NavLink to={links.pipelines()} className={styles.home}>
            <Logo /> Gyre
          </NavLink>
          <nav aria-label="Main" className={styles.nav}>
            <NavLink to={links.pipelines()}>Pipelines</NavLink>
            <NavLink to={links.projects}>Projects</NavLink>
          </nav>
          <LiveSign />
          <Button
            className={styles.help}
            aria-label="Keyboard shortcuts"
            title="Keyboard shortcuts (?)"
            onClick={() => setHelp(true)}
          >
            ?
          </Button>
          <Button busy={signOut.isPending} title={`Signed in as ${login}`} onClick={() => signOut.mutate()}>
            Sign out
          </Button>
        </div>
      </header>
      <main id="main" className={styles.main}>
        {children}
      </main>
      {help && <HelpDialog onClose={() => setHelp(false)} />}
    </>
  );
}
