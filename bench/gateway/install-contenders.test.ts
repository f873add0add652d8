import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { contendersFolder, installContenders } from "./install-contenders.ts";

/** A copy of what is installed from, and an npm that knows one registry and has nothing cached. */
function without(t: TestContext, registry: string) {
  const folder = mkdtempSync(join(tmpdir(), "bench-contenders-"));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const file of ["package.json", "package-lock.json"]) copyFileSync(join(contendersFolder, file), join(folder, file));
  const environment = {
    ...process.env,
    npm_config_registry: registry,
    npm_config_cache: join(folder, "cache"),
    npm_config_fetch_retries: "0",
    npm_config_update_notifier: "false",
  };
  const lines: string[] = [];
  return { folder, environment, lines, log: (line: string) => void lines.push(line) };
}

test("tells why the other gateways cannot be installed where no registry answers, and takes none for installed by halves", async (t) => {
  const { folder, environment, lines, log } = without(t, "http://127.0.0.1:1");
  const { dependencies } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { dependencies: object };
  for (const [name, version] of Object.entries(dependencies)) {
    mkdirSync(join(folder, "node_modules", name), { recursive: true });
    writeFileSync(join(folder, "node_modules", name, "package.json"), JSON.stringify({ name, version }));
  }
  assert.equal(await installContenders({ log, folder, environment }), false);
  assert.match(lines.at(-1) ?? "", /cannot be installed: .*ECONNREFUSED/);
});

test("gives up on a registry that takes requests and never answers", async (t) => {
  const sockets = new Set<Socket>();
  const silent = createServer((socket) => sockets.add(socket.on("error", () => {})));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    silent.close();
  });
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  const address = silent.address();
  const port = typeof address === "object" && address ? address.port : 0;
  const { folder, environment, lines, log } = without(t, `http://127.0.0.1:${port}`);
  assert.equal(await installContenders({ log, folder, environment, timeoutMs: 3_000 }), false);
  assert.match(lines.at(-1) ?? "", /cannot be installed: npm was not done after 3 s/);
});
