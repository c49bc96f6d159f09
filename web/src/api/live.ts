import { useQueryClient, type QueryClient } from "@tanstack/react-query";
import { useEffect, useSyncExternalStore } from "react";

import { send } from "./client";
import { refresh, refreshAll } from "./concerns";
import { paths } from "./paths";
import { backoff, chunksOf, jsonLines, pause } from "./stream";
import type { News } from "./types";
import { useVisible } from "./visible";

export type LiveState = "connecting" | "live" | "waiting";

let state: LiveState = "connecting";
const listeners = new Set<() => void>();

function setState(next: LiveState): void {
  state = next;
  for (const listener of listeners) listener();
}

const SILENCE_MS = 45_000; // the server gives a sign of life every 15 s
const HIDDEN_MS = 60_000;
const GATHER_MS = 250; // news of this time are answered by one reading

// Gathers a burst of news, then marks what they concern as stale.
function gatherer(client: QueryClient, signal: AbortSignal) {
  let gathered: News[] = [];
  return (news: News) => {
    gathered.push(news);
    if (gathered.length > 1) return;
    void pause(GATHER_MS, signal).then(() => {
      const batch = gathered;
      gathered = [];
      if (!signal.aborted) refresh(client, batch);
    });
  };
}

// One stream of events for the whole page, until aborted. News may have been missed before each connection, so
// everything shown is read again after it stands.
export async function listen(client: QueryClient, signal: AbortSignal): Promise<void> {
  const hear = gatherer(client, signal);
  let failures = 0;
  while (!signal.aborted) {
    try {
      const response = await send(paths.events, { signal });
      setState("live");
      failures = 0;
      refreshAll(client);
      const chunks = chunksOf(response, SILENCE_MS);
      for await (const news of jsonLines<News>(chunks)) hear(news);
    } catch {
      failures += 1;
    }
    if (signal.aborted) return;
    setState(failures > 0 ? "waiting" : "connecting");
    await pause(backoff(failures), signal);
  }
}

// Feeds all server events into the query cache while the tab can be seen. In the background everything is read again
// now and then, so that the tab's title tells how it stands.
export function useLive(): void {
  const client = useQueryClient();
  const visible = useVisible();
  useEffect(() => {
    if (!visible) {
      const timer = setInterval(() => refreshAll(client), HIDDEN_MS);
      return () => clearInterval(timer);
    }
    const stop = new AbortController();
    void listen(client, stop.signal);
    return () => stop.abort();
  }, [client, visible]);
}

export function useLiveState(): LiveState {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => state,
  );
}
