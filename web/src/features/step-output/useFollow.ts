import { useLayoutEffect, useRef, type RefObject } from "react";

const NEAR = 24; // pixels from the end that count as the end

// Keeps a scroller at its end while `following`. Going up by hand ends that, going down to the end begins it again:
// the page itself only ever scrolls down, so each way up is the reader's. Answers what to do on each scroll.
export function useFollow(
  scroller: RefObject<HTMLElement | null>,
  following: boolean,
  onFollow: (following: boolean) => void,
): () => void {
  const top = useRef(0);
  useLayoutEffect(() => {
    const element = scroller.current;
    if (!following || !element) return;
    element.scrollTop = element.scrollHeight;
    top.current = element.scrollTop;
  });
  return () => {
    const element = scroller.current;
    if (!element) return;
    const { scrollTop, scrollHeight, clientHeight } = element;
    const wentUp = scrollTop < top.current - 1;
    top.current = scrollTop;
    const atEnd = scrollHeight - scrollTop - clientHeight < NEAR;
    if (following && wentUp && !atEnd) onFollow(false);
    else if (!following && !wentUp && atEnd) onFollow(true);
  };
}
