import { QueryClientProvider } from "@tanstack/react-query";
import { useState } from "react";
import { BrowserRouter } from "react-router-dom";

import { makeQueryClient } from "../api/queryClient";
import { ErrorBoundary } from "./ErrorBoundary";
import { Pages } from "./Pages";
import { Session } from "./Session";

// Keep the page shown until the next one is there.
const future = { v7_startTransition: true, v7_relativeSplatPath: true };

export function App() {
  const [client] = useState(makeQueryClient);
  return (
    <QueryClientProvider client={client}>
      <BrowserRouter future={future}>
        <ErrorBoundary>
          <Session>
            <Pages />
          </Session>
        </ErrorBoundary>
      </BrowserRouter>
    </QueryClientProvider>
  );
}
