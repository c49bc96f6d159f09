import { QueryCache, QueryClient } from "@tanstack/react-query";

import { ApiError } from "./client";
import { keys } from "./keys";

// A refusal stays one however often it is asked; everything else may pass.
function mayPass(error: Error): boolean {
  return !(error instanceof ApiError && error.status >= 400 && error.status < 500);
}

export function isSignedOut(error: Error | null): boolean {
  return error instanceof ApiError && error.status === 401;
}

export function makeQueryClient(): QueryClient {
  const client: QueryClient = new QueryClient({
    queryCache: new QueryCache({
      onError: (error, query) => {
        // the session has ended: asking who we are again shows the sign-in
        if (isSignedOut(error) && query.queryKey[0] !== keys.me[0])
          void client.invalidateQueries({ queryKey: keys.me });
      },
    }),
    defaultOptions: {
      queries: {
        retry: (count, error) => mayPass(error) && count < 3,
        staleTime: 5_000, // events say what changed; this is for what was missed
        refetchOnWindowFocus: false,
      },
    },
  });
  return client;
}
