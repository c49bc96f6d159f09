import { QueryClientProvider } from "@tanstack/react-query";
import { useState } from "react";
import { BrowserRouter } from "react-router-dom";

import { makeQueryClient } from "../api/queryClient";
import { ErrorBoundary } from "./ErrorBoundary";
import { Pages } from "./Pages";
import { Session } from "./Session";

export function App() {
  const [client] = useState(makeQueryClient);
  return (
    <QueryClientProvider client={client}>
      <BrowserRouter>
        <ErrorBoundary>
          <Session>
            <Pages />
          </Session>
        </ErrorBoundary>
      </BrowserRouter>
    </QueryClientProvider>
  );
}
