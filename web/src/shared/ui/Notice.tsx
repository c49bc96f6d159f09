import type { ReactNode } from "react";

import type { Tone } from "../status";
import { Button } from "./Button";
import { ToneIcon } from "./Icon";
import styles from "./Notice.module.css";

export function Notice({ tone, children }: { tone: Tone; children: ReactNode }) {
  return (
    <div className={`${styles.notice} ${styles[tone] ?? ""}`}>
      <ToneIcon tone={tone} />
      <div>{children}</div>
    </div>
  );
}

// An error with what it says and a way on.
export function Problem({ error, onRetry }: { error: Error; onRetry?: () => void }) {
  return (
    <div role="alert">
      <Notice tone="bad">
        <p>{error.message}</p>
        {onRetry && (
          <Button icon="again" onClick={onRetry} className={styles.retry}>
            Try again
          </Button>
        )}
      </Notice>
    </div>
  );
}

// Nothing to show, and what to do about it.
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className={styles.empty}>
      <h2>{title}</h2>
      {children}
    </div>
  );
}

export function Loading({ what }: { what: string }) {
  return (
    <p className={styles.loading} role="status">
      Loading {what} …
    </p>
  );
}
