import type { Attempt } from "../../api/types";
import { Notice } from "../../shared/ui/Notice";
import { StatusDot } from "../../shared/ui/StatusBadge";
import styles from "./AttemptPicker.module.css";
import { attemptLook } from "./selection";

interface Props {
  attempts: readonly Attempt[];
  selected: Attempt;
  onSelect: (number: number) => void;
}

// Shown once a task was tried more than once, or when the only try ended by our own failure.
export function AttemptPicker({ attempts, selected, onSelect }: Props) {
  const reason = selected.outcome?.reason;
  const ours = selected.outcome?.kind === "infrastructure_failed";
  const retried = attempts.some(({ number }) => number > selected.number);
  return (
    <>
      {attempts.length > 1 && (
        <div className={styles.picker} role="group" aria-label="Attempts">
          {attempts.map((attempt) => (
            <button
              key={attempt.id}
              type="button"
              aria-pressed={attempt === selected}
              onClick={() => onSelect(attempt.number)}
            >
              <StatusDot look={attemptLook(attempt)} size={12} />
              Attempt {attempt.number}
            </button>
          ))}
        </div>
      )}
      {(ours || retried) && (
        <div className={styles.notice}>
          <Notice tone="trouble">
            {ours && "Infrastructure failure, not your job’s: "}
            {reason && `${reason}. `}
            {retried && "It was tried again: this is an earlier attempt."}
          </Notice>
        </div>
      )}
    </>
  );
}
