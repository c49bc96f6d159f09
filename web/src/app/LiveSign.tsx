import { useLiveState, type LiveState } from "../api/live";
import styles from "./LiveSign.module.css";

const words: Record<LiveState, string> = {
  connecting: "Connecting",
  live: "Live",
  waiting: "Reconnecting",
};

export function LiveSign() {
  const state = useLiveState();
  return (
    <span className={styles.sign} data-state={state} role="status">
      <span className={styles.word}>{words[state]}</span>
    </span>
  );
}
