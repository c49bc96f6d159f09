import { useSyncExternalStore } from "react";

function subscribe(listener: () => void): () => void {
  document.addEventListener("visibilitychange", listener);
  return () => document.removeEventListener("visibilitychange", listener);
}

// False while the tab is in the background. Streams close then: a browser opens few connections to one server, and
// forgotten tabs would use them up.
export function useVisible(): boolean {
  return useSyncExternalStore(subscribe, () => !document.hidden);
}
