import { useEffect } from "react";

import type { Look, Tone } from "./status";

const marks: Record<Tone, string> = {
  good: "✓",
  bad: "✗",
  active: "●",
  failing: "●",
  waiting: "○",
  attention: "‖",
  trouble: "!",
  quiet: "–",
};

// The tab says how it stands, so that a page in the background can be left there.
export function usePageTitle(title: string, look?: Look): void {
  useEffect(() => {
    document.title = `${look ? `${marks[look.tone]} ` : ""}${title} · Gyre`;
  }, [title, look]);
}
