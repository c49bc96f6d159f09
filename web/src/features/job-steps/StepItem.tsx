import { useId, type ReactNode } from "react";

import type { Step } from "../../api/types";
import { lookOf, stepLooks } from "../../shared/status";
import { formatBytes, formatDuration } from "../../shared/time";
import { Icon } from "../../shared/ui/Icon";
import { StatusDot } from "../../shared/ui/StatusBadge";
import { Duration } from "../../shared/ui/Time";
import styles from "./StepItem.module.css";

interface Props {
  step: Step;
  open: boolean;
  onToggle: (open: boolean) => void;
  children: ReactNode; // the output, while it is open
}

export function StepItem({ step, open, onToggle, children }: Props) {
  const id = useId();
  return (
    <li className={styles.step} data-open={open}>
      <h3>
        <button
          type="button"
          data-row
          className={styles.head}
          aria-expanded={open}
          aria-controls={id}
          onClick={() => onToggle(!open)}
        >
          <span className={styles.chevron}>
            <Icon name="chevron" size={12} />
          </span>
          <StatusDot look={lookOf(stepLooks, step.status)} />
          <span className={styles.name}>{step.name}</span>
          <Facts step={step} />
        </button>
      </h3>
      {open && (
        <div id={id} onPointerDown={() => onToggle(true)}>
          {step.command && step.command.trim() !== step.name.trim() && (
            <pre className={styles.command}>{step.command}</pre>
          )}
          {children}
        </div>
      )}
    </li>
  );
}

function Facts({ step }: { step: Step }) {
  return (
    <span className={styles.facts}>
      {step.background && <span>background</span>}
      {step.truncated && <span>output cut</span>}
      {!!step.exit_code && <span>exit code {step.exit_code}</span>}
      {step.status !== "running" && step.output_bytes > 0 && (
        <span className={styles.size}>{formatBytes(step.output_bytes)}</span>
      )}
      <span className={styles.took}>
        {step.status === "running" ? (
          <Duration from={step.started_at} to={undefined} />
        ) : (
          formatDuration(step.run_time_ms)
        )}
      </span>
    </span>
  );
}
