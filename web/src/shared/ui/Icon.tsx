import type { Tone } from "../status";
import styles from "./Icon.module.css";

// Drawn on a 16-unit grid with strokes of 1.75 units.
const paths = {
  good: "M3.5 8.5l3 3 6-7",
  bad: "M4.2 4.2l7.6 7.6M11.8 4.2l-7.6 7.6",
  active: "M8 2.2a5.8 5.8 0 1 1-5.8 5.8",
  failing: "M8 2.2a5.8 5.8 0 1 0 0 11.6a5.8 5.8 0 0 0 0-11.6zM8 4.8v3.8M8 11v.1",
  waiting: "M8 2.2a5.8 5.8 0 1 0 0 11.6a5.8 5.8 0 0 0 0-11.6zM8 5v3.3l2 1.4",
  attention: "M5.5 3.5v9M10.5 3.5v9",
  trouble: "M8.8 1.8l-5 7.2h4.2l-.8 5.2 5-7.2h-4.2z",
  quiet: "M4 8h8",
  branch:
    "M5 5.5v5M5 10.5a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3zM5 2.5a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3zM11 2.5a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3zM11 5.5c0 3-6 2-6 5",
  commit: "M8 5.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5zM1.5 8h4M10.5 8h4",
  chevron: "M6 3.5l4.5 4.5-4.5 4.5",
  down: "M8 2.5v8M4.5 7.5l3.5 3.5 3.5-3.5M3 13.5h10",
  copy: "M5.5 5.5h8v8h-8zM3 10.5v-8h8",
  play: "M4.5 3l8 5-8 5z",
  again: "M13 8a5 5 0 1 1-1.5-3.6M13 2v3h-3",
  stop: "M4 4h8v8h-8z",
  close: "M4 4l8 8M12 4l-8 8",
} as const;

export type IconName = keyof typeof paths;
const tones = { active: styles.spin } as Partial<Record<IconName, string>>;

export function Icon({ name, size = 14 }: { name: IconName; size?: number }) {
  return (
    <svg
      className={`${styles.icon} ${tones[name] ?? ""}`}
      viewBox="0 0 16 16"
      width={size}
      height={size}
      aria-hidden="true"
      focusable="false"
    >
      <path d={paths[name]} />
    </svg>
  );
}

export function ToneIcon({ tone, size }: { tone: Tone; size?: number }) {
  return (
    <span className={styles[tone]}>
      <Icon name={tone} size={size} />
    </span>
  );
}
