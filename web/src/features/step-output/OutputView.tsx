import { useVirtualizer } from "@tanstack/react-virtual";
import { useRef } from "react";

import type { LogBuffer } from "../../shared/terminal/log";
import { LineText } from "./LineText";
import styles from "./OutputView.module.css";
import { useFollow, useKeepPlace } from "./useFollow";
import { useTarget } from "./useTarget";

const ROW = 20; // pixels; rows are higher where a line is wrapped

interface Props {
  log: LogBuffer;
  version: number; // of the log: its changes are seen by this
  settled: boolean; // what is in the log stays where it is
  label: string;
  following: boolean; // stay at the end
  onFollow: (following: boolean) => void;
  wrap: boolean;
  target: number | undefined; // the line that the address points at
  hrefOf: (line: number) => string;
  onPick: (line: number) => void;
}

// Only the rows in view are in the document, whatever the log's size.
export function OutputView(props: Props) {
  const { log, settled, label, following, onFollow, wrap, target } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const virtualizer = useVirtualizer({
    count: log.end - log.first,
    getScrollElement: () => scroller.current,
    getItemKey: (index) => log.first + index,
    estimateSize: () => ROW,
    overscan: 20,
    useFlushSync: false, // React asks for this: effects scroll, too
  });
  useKeepPlace(scroller, log.first, ROW);
  const handlers = useFollow(scroller, following, onFollow);
  useTarget(log, settled ? target : undefined, (index) => virtualizer.scrollToIndex(index, { align: "center" }));
  const targetRow = target === undefined ? -1 : log.rowOf(target);

  return (
    <div
      ref={scroller}
      className={styles.scroller}
      data-wrap={wrap}
      role="region"
      aria-label={label}
      // scrolled by keyboard, hence the tab stop
      // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
      {...handlers}
    >
      <div className={styles.rows} style={{ height: virtualizer.getTotalSize() }}>
        {virtualizer.getVirtualItems().map((item) => {
          const row = log.first + item.index;
          return (
            <div
              key={item.key}
              ref={virtualizer.measureElement}
              data-index={item.index}
              data-target={row === targetRow || undefined}
              className={styles.row}
              style={{ transform: `translateY(${item.start}px)` }}
            >
              <LineNumber line={log.lineNumber(row)} {...props} />
              <span className={styles.text}>
                <LineText line={log.row(row)} />
              </span>
            </div>
          );
        })}
      </div>
    </div>
  );
}

function LineNumber(props: Pick<Props, "hrefOf" | "onPick"> & { line?: number }) {
  const { line, hrefOf, onPick } = props;
  if (line === undefined) return <span className={styles.number} />;
  return (
    <a
      className={styles.number}
      href={hrefOf(line)}
      tabIndex={-1}
      aria-label={`Link to line ${line}`}
      data-line={line}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey) return;
        event.preventDefault();
        onPick(line);
      }}
    />
  );
}
