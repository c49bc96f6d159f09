import { QueryClientProvider } from "@tanstack/react-query";
import { render } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import type { ReactNode } from "react";
import { BrowserRouter } from "react-router-dom";
import { vi } from "vitest";

import { makeQueryClient } from "../api/queryClient";
import { App } from "../app/App";
import { handle } from "./handlers";
import { World } from "./world";

// From now on, fetch asks this world.
export function connect(world: World): void {
  vi.stubGlobal("fetch", async (path: string, init: RequestInit = {}) => {
    // jsdom's AbortSignal is not the one that Node's Request wants
    const { signal, ...rest } = init;
    const request = new Request(new URL(path, "http://gyre.test"), rest);
    if (signal) Object.defineProperty(request, "signal", { value: signal });
    return handle(world, request);
  });
}

// The whole application at an address.
export function open(path: string, world: World) {
  connect(world);
  window.history.replaceState(null, "", path);
  return { user: userEvent.setup(), ...render(<App />) };
}

// One component with the API and the router around it.
export function show(element: ReactNode, world = new World()) {
  connect(world);
  const client = makeQueryClient();
  return {
    user: userEvent.setup(),
    client,
    ...render(
      <QueryClientProvider client={client}>
        <BrowserRouter future={{ v7_startTransition: true, v7_relativeSplatPath: true }}>{element}</BrowserRouter>
      </QueryClientProvider>,
    ),
  };
}
