import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { after, test } from "node:test";
import { freePorts } from "./processes/free-ports.ts";
import { memoryFolder, temporaryParent } from "./processes/server-user.ts";

const dataFolder = mkdtempSync(join(memoryFolder() ?? temporaryParent(null), "tributary-test-"));
chmodSync(dataFolder, 0o755); // else the servers of root would keep their files elsewhere
after(() => rmSync(dataFolder, { recursive: true, force: true }));

test("a taken port is told in one line, before anything is started", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const start = run("--port", String(port), "--data-dir", dataFolder);
  const code = await exitOf(start);
  server.close();
  assert.equal(code, 1);
  assert.equal(
    start.output(),
    `Port ${port} is taken. Stop the program that uses it, or choose another: npm start -- --port ${port + 1}\n`,
  );
});

test("starts, refuses a second stack on the same data, and starts again after kill -9", async () => {
  const [port = 0, otherPort] = await freePorts(2);
  const args = ["--port", String(port), "--data-dir", dataFolder, "--seed", "none"];
  const first = run(...args);
  await first.shows("Tributary is ready");
  assert.equal(await typenameOf(port), "Query");

  const second = run("--port", String(otherPort), "--data-dir", dataFolder);
  assert.equal(await exitOf(second), 1);
  assert.match(second.output(), /already runs from/);

  first.child.kill("SIGKILL");
  await once(first.child, "exit");
  const third = run(...args);
  await third.shows("Tributary is ready");
  assert.equal(await typenameOf(port), "Query");
  third.child.kill("SIGINT");
  assert.equal(await exitOf(third), 0);
});

async function typenameOf(port: number): Promise<string | undefined> {
  const response = await fetch(`http://127.0.0.1:${port}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query: "{__typename}" }),
    signal: AbortSignal.timeout(10_000),
  });
  const { data } = (await response.json()) as { data?: { __typename: string } };
  return data?.__typename;
}

interface Run {
  readonly child: ChildProcess;
  output(): string;
  /** Resolves when the output holds the text. @throws Error when the process ends before */
  shows(text: string): Promise<void>;
}

function run(...args: string[]): Run {
  const child = spawn(process.execPath, [join(import.meta.dirname, "main.ts"), ...args], {
    env: { PATH: process.env.PATH },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  const keep = (chunk: Buffer) => {
    output += chunk;
  };
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  return {
    child,
    output: () => output,
    shows: (text) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (output.includes(text)) resolve();
        };
        child.stdout.on("data", look);
        child.once("exit", (code) => reject(new Error(`it ended with ${code}: ${output}`)));
        look();
      }),
  };
}

async function exitOf({ child }: Run): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) await once(child, "close");
  return child.exitCode;
}
