import { Dialog } from "../shared/ui/Dialog";
import styles from "./HelpDialog.module.css";

const shortcuts: readonly (readonly [keys: string, what: string])[] = [
  ["/", "filter this page"],
  ["j k", "next, previous in a list"],
  ["Enter", "open"],
  ["g p", "go to pipelines"],
  ["g j", "go to projects"],
  ["f", "follow the output (job page)"],
  ["?", "this list"],
  ["Esc", "close, leave a field"],
];

export function HelpDialog({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title="Keyboard shortcuts" onClose={onClose}>
      <dl className={styles.keys}>
        {shortcuts.map(([keys, what]) => (
          <div key={keys}>
            <dt>
              {keys.split(" ").map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
