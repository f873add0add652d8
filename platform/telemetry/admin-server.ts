import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Lifecycle } from "@tributary/platform/lifecycle";
import type { Logger } from "./logger.ts";
import type { Metrics } from "./metrics.ts";
import type { Readiness } from "./readiness.ts";

type AdminServerOptions = {
  readonly host: string;
  readonly port: number;
  readonly metrics: Metrics;
  readonly readiness: Readiness;
  readonly lifecycle: Lifecycle;
  readonly logger: Logger;
  /** What else to answer, by path: JSON, plain text for a text, 404 for undefined. */
  readonly pages?: Readonly<Record<string, () => unknown>>;
};

/**
 * The private port: `/health/live` (the process answers; asks no dependency), `/health/ready`, `/metrics` (Prometheus text).
 * Start it first: it closes last, so that probes see the draining. @throws when the port is taken
 */
export async function startAdminServer(options: AdminServerOptions): Promise<{ port: number }> {
  const { host, port, metrics, readiness, lifecycle, logger, pages = {} } = options;
  const routes: Readonly<Record<string, (response: ServerResponse) => Promise<void>>> = {
    "/health/live": async (response) => sendJson(response, 200, { live: true }),
    "/health/ready": async (response) => {
      const report = await readiness.report();
      sendJson(response, report.ready ? 200 : 503, report);
    },
    "/metrics": async (response) => {
      const text = await metrics.registry.metrics();
      response.writeHead(200, { "content-type": metrics.registry.contentType }).end(text);
    },
    ...Object.fromEntries(Object.entries(pages).map(([path, page]) => [path, async (response) => sendPage(response, page())])),
  };

  const server = createServer({ requestTimeout: 5_000, headersTimeout: 5_000 }, (request, response) => {
    const path = (request.url ?? "/").split("?")[0]!;
    const route = request.method === "GET" && Object.hasOwn(routes, path) ? routes[path] : undefined;
    if (!route) return void sendJson(response, 404, { error: "not found" });
    route(response).catch((error: unknown) => {
      logger.error({ err: error, path }, "admin request failed");
      if (!response.headersSent) sendJson(response, 500, { error: "internal" });
    });
  });
  server.listen(port, host);
  await once(server, "listening");

  lifecycle.onStop("admin server", () => {
    server.closeAllConnections();
    server.close();
  });
  lifecycle.signal.addEventListener("abort", () => readiness.drain(), { once: true });
  return { port: (server.address() as AddressInfo).port };
}

function sendPage(response: ServerResponse, page: unknown): void {
  if (typeof page === "string") response.writeHead(200, { "content-type": "text/plain; charset=utf-8" }).end(page);
  else if (page === undefined) sendJson(response, 404, { error: "not found" });
  else sendJson(response, 200, page);
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
