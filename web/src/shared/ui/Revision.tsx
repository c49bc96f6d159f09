import type { Pipeline } from "../../api/types";
import { Icon } from "./Icon";
import styles from "./Revision.module.css";

// Branch or tag, and the short commit.
export function Revision({ vcs }: { vcs: Pipeline["vcs"] }) {
  if (!vcs) return null;
  return (
    <span className={styles.revision}>
      {(vcs.branch ?? vcs.tag) && (
        <span className={styles.ref} title={vcs.tag ? "tag" : "branch"}>
          <Icon name="branch" size={12} />
          {vcs.branch ?? vcs.tag}
        </span>
      )}
      {vcs.revision && (
        <span title={vcs.revision}>
          <Icon name="commit" size={12} /> <code>{vcs.revision.slice(0, 7)}</code>
        </span>
      )}
    </span>
  );
}
