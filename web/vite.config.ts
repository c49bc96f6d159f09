import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

import { mockServer } from "./dev/mockServer";

// The server compares Host and Origin, so Host must stay this server's.
const server = { target: process.env.GYRE_URL ?? "http://127.0.0.1:8080", changeOrigin: false };

// `npm run dev` sends API calls to a running server: GYRE_URL=http://127.0.0.1:8080 npm run dev
// `npm run mock` answers them from src/testing.
export default defineConfig(({ mode }) => ({
  plugins: [react(), mode === "mock" ? mockServer() : undefined],
  server: {
    host: "127.0.0.1", // found without a name
    proxy: mode === "mock" ? undefined : { "/api": server, "/artifacts": server },
  },
  build: {
    target: "es2022",
    assetsInlineLimit: 0, // data: addresses would need a weaker content security policy
    modulePreload: { polyfill: false },
  },
  test: {
    environment: "jsdom",
    setupFiles: "src/testing/setup.ts",
    css: false,
    restoreMocks: true,
  },
}));
