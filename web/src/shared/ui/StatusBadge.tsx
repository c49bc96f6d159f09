import type { Look } from "../status";
import { Icon, ToneIcon } from "./Icon";
import styles from "./StatusBadge.module.css";

export function StatusBadge({ look }: { look: Look }) {
  return (
    <span className={`${styles.badge} ${styles[look.tone]}`}>
      <Icon name={look.tone} size={12} />
      {look.label}
    </span>
  );
}

// The shape and colour alone, with the words for those who cannot see them.
export function StatusDot({ look, size = 16 }: { look: Look; size?: number }) {
  return (
    <span className={styles.dot} title={look.label}>
      <ToneIcon tone={look.tone} size={size} />
      <span className="visually-hidden">{look.label}</span>
    </span>
  );
}
