import { useLayoutEffect, useRef, type RefObject } from "react";

const NEAR = 24; // pixels from the end that count as the end

// Keeps a scroller at its end while `following`. Going up by hand ends that, going down to the end by hand begins it
// again: the page itself only ever scrolls down, so each way up is the reader's. Answers the scroller's handlers.
export function useFollow(
  scroller: RefObject<HTMLElement | null>,
  following: boolean,
  onFollow: (following: boolean) => void,
) {
  const top = useRef(0);
  const touched = useRef(false);
  useLayoutEffect(() => {
    const element = scroller.current;
    if (!following || !element) return;
    element.scrollTop = element.scrollHeight;
    top.current = element.scrollTop;
  });
  const onScroll = () => {
    const element = scroller.current;
    if (!element) return;
    const { scrollTop, scrollHeight, clientHeight } = element;
    const wentUp = scrollTop < top.current - 1;
    top.current = scrollTop;
    const atEnd = scrollHeight - scrollTop - clientHeight < NEAR;
    if (following && wentUp && !atEnd) onFollow(false);
    else if (!following && !wentUp && atEnd && touched.current) onFollow(true);
  };
  const touch = () => {
    touched.current = true;
  };
  return { onScroll, onWheel: touch, onPointerDown: touch, onTouchMove: touch, onKeyDown: touch };
}

// Keeps the rows in view in place when `gone` rows at the beginning have left the log.
export function useKeepPlace(scroller: RefObject<HTMLElement | null>, gone: number, rowHeight: number): void {
  const before = useRef(gone);
  useLayoutEffect(() => {
    if (scroller.current) scroller.current.scrollTop -= (gone - before.current) * rowHeight;
    before.current = gone;
  }, [scroller, gone, rowHeight]);
}
