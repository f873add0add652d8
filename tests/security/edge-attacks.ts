import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { post, readAnswer } from "./answers.ts";
import { type AttackedStack, signInsPerAddress } from "./attacked-stack.ts";
import { sendRaw, statusOf } from "./raw-http.ts";

const root = join(import.meta.dirname, "..", "..");
const body = JSON.stringify({ query: "{ viewer { id } }" });

/** Rows 38 to 40, 60 and 83 to 85: what surrounds the GraphQL request. */
export function edgeAttacks(attacked: () => AttackedStack): void {
  const graphqlUrl = (): string => attacked().stack.graphqlUrl;
  const asViewer = (): string => `authorization: Bearer ${attacked().viewer.client.token}\r\n`;
  const rawPost = (headers: string, content = body): string =>
    `POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n${headers}connection: close\r\ncontent-length: ${content.length}\r\n\r\n${content}`;

  test("identity headers in every spelling leave a caller who they are", async () => {
    const { olive, viewer } = attacked();
    const pretended = [
      "x-user-id",
      "X-USER-ID",
      "x_user_id",
      "x-roles",
      "x-tenant",
      "x-gateway-signature",
      "x-tributary-identity",
      "X-Tributary-Identity",
      "x-tributary-signature",
      "x-tributary-client-address",
      "x-deadline-ms",
      "forwarded",
      "x-original-url",
      "x-http-method-override",
    ];
    const twice = pretended.map((name) => `${name}: ${olive.userId}\r\n${name}: ${olive.userId}\r\n`).join("");
    for (const headers of [twice, `connection: x-tributary-identity, x-user-id\r\n${twice}`]) {
      const received = await sendRaw(graphqlUrl(), rawPost(asViewer() + headers));
      assert.equal(statusOf(received), 200);
      assert.match(received, new RegExp(`{"viewer":{"id":"${viewer.userId}"}}`));
    }
    const anonymous = await sendRaw(graphqlUrl(), rawPost(twice));
    assert.match(anonymous, /"viewer":null/);
  });

  test("requests that two servers could read differently are refused, and the connection ends", async () => {
    const chunked = "transfer-encoding: chunked\r\n";
    const rows: [string, string][] = [
      ["both lengths", `POST /graphql HTTP/1.1\r\nhost: x\r\n${chunked}content-length: 4\r\n\r\n0\r\n\r\n`],
      ["two lengths", `POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\ncontent-length: 5\r\n\r\nabcde`],
      ["a length that is no number", `POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-length: +4\r\n\r\nabcd`],
      ["an unknown coding", `POST /graphql HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n`],
      ["a blank before the colon", `POST /graphql HTTP/1.1\r\nhost: x\r\nx-user-id : 1\r\n\r\n`],
      ["a folded header", `POST /graphql HTTP/1.1\r\nhost: x\r\nx-a: 1\r\n x-b: 2\r\n\r\n`],
      ["a bare line feed", `POST /graphql HTTP/1.1\nhost: x\n\n`],
      ["a chunk of nonsense", `POST /graphql HTTP/1.1\r\nhost: x\r\n${chunked}content-type: application/json\r\n\r\nzz\r\n`],
      ["no host", `POST /graphql HTTP/1.1\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`],
    ];
    for (const [name, bytes] of rows) assert.equal(statusOf(await sendRaw(graphqlUrl(), bytes)), 400, name);
  });

  test("an address in a header is nobody's address: who guesses passwords is stopped all the same", async () => {
    const query = `mutation ($input: SignInInput!) { signIn(input: $input) { errors { code } } }`;
    const outcomes: string[] = [];
    for (let count = 0; count < signInsPerAddress + 4; count++) {
      const input = { email: `nobody-${count}@people.example`, password: "a password" };
      const address = `203.0.113.${count}`;
      const headers = { "x-forwarded-for": address, "x-real-ip": address, forwarded: `for=${address}` };
      const { codes, data } = await post(graphqlUrl(), { query, variables: { input } }, headers);
      outcomes.push(codes[0] ?? (data!.signIn as { errors: { code: string }[] }).errors[0]!.code);
    }
    assert.deepEqual([...new Set(outcomes)], ["BAD_CREDENTIALS", "RATE_LIMITED"]);
    assert.ok(outcomes.indexOf("RATE_LIMITED") <= signInsPerAddress);
  });

  test("a hundred sign-ins in one mutation are too many", async () => {
    const fields = Array.from({ length: 100 }, (_, index) => `a${index}: signIn(input: $i) { accessToken }`).join(" ");
    const variables = { i: { email: "olive@people.example", password: "a password" } };
    const { status, codes } = await post(graphqlUrl(), { query: `mutation ($i: SignInInput!) { ${fields} }`, variables });
    assert.deepEqual([status, codes], [400, ["OPERATION_TOO_COMPLEX"]]);
  });

  test("the public port serves /graphql and nothing else, whatever the path or host is made of", async () => {
    const paths = [
      "/",
      "/metrics",
      "/health/live",
      "/healthz?x",
      "/graphql/../metrics",
      "/graphql/",
      "/graphql/..;/metrics",
      "/graphql%2f..%2fmetrics",
      "//graphql",
      "/GRAPHQL",
      "/graphiql",
      "/console",
      "/.well-known/jwks.json",
      "/.env",
      "http://evil.example/metrics",
    ];
    for (const path of paths) {
      const received = await sendRaw(graphqlUrl(), `GET ${path} HTTP/1.1\r\nhost: evil.example\r\nconnection: close\r\n\r\n`);
      assert.equal(statusOf(received), 404, path);
      assert.match(received, /content-type: application\/json/i, path);
      assert.doesNotMatch(received, /evil\.example|process_cpu/, path);
    }
    assert.equal(statusOf(await sendRaw(graphqlUrl(), "CONNECT evil.example:80 HTTP/1.1\r\nhost: x\r\n\r\n")) === 200, false);
  });

  test("headers that ask for traces, plans or debugging get an ordinary answer", async () => {
    const headers = {
      "apollo-federation-include-trace": "ftv1",
      "apollo-query-plan-experimental": "true",
      "apollo-expose-query-plan": "true",
      "apollo-cache-debugging": "true",
      "x-debug": "1",
      authorization: `Bearer ${attacked().olive.client.token}`,
    };
    const { text } = await post(graphqlUrl(), { query: `{ viewer { id user { displayName } } }` }, headers);
    assert.deepEqual(Object.keys(JSON.parse(text) as object), ["data"]);
  });

  test("another origin gets no permission to read", async () => {
    const headers = { origin: "https://evil.example", "access-control-request-method": "POST" };
    const preflight = await fetch(graphqlUrl(), { method: "OPTIONS", headers });
    assert.deepEqual([preflight.status, preflight.headers.get("access-control-allow-origin")], [204, null]);
    const response = await fetch(graphqlUrl(), {
      method: "POST",
      headers: { ...headers, "content-type": "application/json" },
      body,
    });
    assert.equal(response.headers.get("access-control-allow-origin"), null);
    await readAnswer(response);
  });

  test("no service starts without being told its environment", async () => {
    const entries = ["gateway", "subgraphs/users"];
    const { NODE_OPTIONS = "", NODE_COMPILE_CACHE = "" } = process.env; // they only make it quicker
    await Promise.all(
      entries.map(async (entry) => {
        const service = spawn(process.execPath, ["main.ts"], {
          cwd: join(root, entry),
          env: { PORT: "0", ADMIN_PORT: "0", NODE_OPTIONS, NODE_COMPILE_CACHE },
          timeout: 30_000,
        });
        let output = "";
        for (const stream of [service.stdout, service.stderr]) stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
        const code = await new Promise<number | null>((resolve) => service.once("close", resolve));
        assert.equal(code, 1, `${entry}: ${output.slice(0, 300)}`);
        assert.match(output, /NODE_ENV is required/, entry);
      }),
    );
  });
}
