import { useState } from "react";

import type { OutputAddress } from "../../api/paths";
import { useShortcuts } from "../../shared/keyboard";
import { formatAnchor } from "../../shared/lineAnchor";
import { formatBytes, plural } from "../../shared/time";
import { Notice, Problem } from "../../shared/ui/Notice";
import { OutputBar } from "./OutputBar";
import { OutputView } from "./OutputView";
import styles from "./StepOutput.module.css";
import { useOutput, type Output } from "./useOutput";
import { useWrap } from "./useWrap";

interface Props {
  address: OutputAddress;
  name: string; // of the step
  running: boolean;
  atEnd: boolean; // begin at the end: where a failed step says why
  line: number | undefined; // that the address points at
  onPick: (line: number) => void;
}

export function StepOutput(props: Props) {
  const { address, name, running, atEnd, line, onPick } = props;
  const output = useOutput(address, running);
  const [following, setFollowing] = useState((running || atEnd) && line === undefined);
  const [wrap, setWrap] = useWrap();
  useShortcuts(running ? { f: () => setFollowing(!following) } : {});
  const { log } = output;
  const empty = log.end === 0;
  return (
    <div className={styles.output}>
      <OutputBar
        address={address}
        facts={factsOf(output)}
        running={running}
        following={following}
        onFollow={setFollowing}
        wrap={wrap}
        onWrap={setWrap}
      />
      {log.first > 0 && (
        <Notice tone="trouble">
          The first {plural(log.first, "row")} are too much for this page. Download the raw output to see them.
        </Notice>
      )}
      {output.problem && <Problem error={output.problem} />}
      {empty ? (
        <p className={styles.empty}>{running ? "No output yet" : output.complete ? "No output" : "Reading …"}</p>
      ) : (
        <OutputView
          log={log}
          version={output.version}
          settled={running || output.complete}
          label={`Output of ${name}`}
          following={following}
          onFollow={setFollowing}
          wrap={wrap}
          target={line}
          hrefOf={(picked) => formatAnchor({ step: address.step, line: picked })}
          onPick={onPick}
        />
      )}
    </div>
  );
}

function factsOf({ log }: Output): string {
  return `${plural(log.lines, "line")}, ${formatBytes(log.bytes)}`;
}
