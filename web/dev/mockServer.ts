import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import type { ReadableStream as NodeStream } from "node:stream/web";
import type { Connect, Plugin } from "vite";

import { demoWorld } from "../src/testing/demo";
import { handle } from "../src/testing/handlers";
import type { World } from "../src/testing/world";

// As strict as the server's own: what passes here passes there.
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

async function toRequest(incoming: IncomingMessage): Promise<Request> {
  const parts: Buffer[] = [];
  for await (const part of incoming) parts.push(part as Buffer);
  const gone = new AbortController();
  incoming.socket.once("close", () => gone.abort());
  return new Request(new URL(incoming.url ?? "/", "http://localhost"), {
    method: incoming.method,
    body: parts.length > 0 ? Buffer.concat(parts) : undefined,
    signal: gone.signal,
  });
}

function sendBack(response: Response, outgoing: ServerResponse): void {
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  if (!response.body) return void outgoing.end();
  const body = Readable.fromWeb(response.body as NodeStream);
  body.on("error", () => outgoing.destroy());
  outgoing.on("close", () => body.destroy());
  body.pipe(outgoing);
}

function answers(world: World): Connect.NextHandleFunction {
  return (incoming, outgoing, next) => {
    if (!incoming.url?.startsWith("/api/")) return next();
    void toRequest(incoming)
      .then((request) => handle(world, request))
      .then((response) => sendBack(response, outgoing));
  };
}

// Answers /api from src/testing, in the development server and over the built pages.
export function mockServer(): Plugin {
  return {
    name: "gyre-mock-server",
    configureServer(server) {
      server.middlewares.use(answers(demoWorld()));
    },
    configurePreviewServer(server) {
      server.middlewares.use((_incoming, outgoing, next) => {
        outgoing.setHeader("Content-Security-Policy", POLICY);
        next();
      });
      server.middlewares.use(answers(demoWorld()));
    },
  };
}
