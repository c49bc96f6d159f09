import { useEffect, useRef, type RefObject } from "react";

// Shortcuts of a page: "/" or a sequence such as "g p". They rest while somebody types, with modifier keys held, and
// while a dialog is open.
export type Shortcuts = Record<string, (event: KeyboardEvent) => void>;

const SEQUENCE_MS = 1200;

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.closest("input, textarea, select, dialog") !== null)
  );
}

export function useShortcuts(shortcuts: Shortcuts): void {
  const latest = useRef(shortcuts);
  useEffect(() => {
    latest.current = shortcuts;
  });
  useEffect(() => {
    let prefix = "";
    let since = 0;
    function onKey(event: KeyboardEvent) {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.defaultPrevented || isTyping(event.target)) return;
      const begun = event.timeStamp - since < SEQUENCE_MS ? prefix : "";
      const keys = begun ? `${begun} ${event.key}` : event.key;
      const action = latest.current[keys] ?? latest.current[event.key];
      prefix = event.key;
      since = event.timeStamp;
      if (!action) return;
      prefix = "";
      event.preventDefault();
      action(event);
    }
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
}

// j and k move the focus through the elements with data-row below `list`; Enter is the link's own.
export function useListKeys(list: RefObject<HTMLElement | null>): void {
  const move = (step: number) => {
    const rows = [...(list.current?.querySelectorAll<HTMLElement>("[data-row]") ?? [])];
    if (rows.length === 0) return;
    const at = rows.findIndex((row) => row.contains(document.activeElement));
    const next = at < 0 && step < 0 ? rows.length - 1 : Math.max(0, at + step);
    rows[Math.min(next, rows.length - 1)]?.focus();
  };
  useShortcuts({ j: () => move(1), k: () => move(-1) });
}
