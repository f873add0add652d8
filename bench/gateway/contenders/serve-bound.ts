// Process: what no gateway in Node can beat. BENCH_BOUND=constant answers every request with the body of BENCH_ANSWERS for
// its length; BENCH_BOUND=proxy passes each request to one subgraph with undici. Prints its port when ready.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { Pool } from "undici";

const headers = { "content-type": "application/json" };
const pool = new Pool(process.env.BENCH_FIXTURE ?? "http://127.0.0.1:1", { connections: 64 });
// The longer request asks for the longer answer.
const [small, large] = (JSON.parse(process.env.BENCH_ANSWERS ?? '["",""]') as [string, string]).map((text) => Buffer.from(text));

async function proxy(_: IncomingMessage, response: ServerResponse, body: Buffer): Promise<void> {
  const { statusCode, body: answer } = await pool.request({ path: "/accounts", method: "POST", headers, body });
  const bytes = Buffer.from(await answer.bytes());
  response.writeHead(statusCode, { ...headers, "content-length": bytes.length });
  response.end(bytes);
}

async function constant(_: IncomingMessage, response: ServerResponse, body: Buffer): Promise<void> {
  const bytes = (body.length < 200 ? small : large) ?? Buffer.alloc(0);
  response.writeHead(200, { ...headers, "content-length": bytes.length });
  response.end(bytes);
}

const answer = process.env.BENCH_BOUND === "proxy" ? proxy : constant;
const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => void answer(request, response, Buffer.concat(chunks)));
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  console.log(`port ${typeof address === "object" ? address?.port : 0}`);
});
