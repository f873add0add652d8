// Process: a server of POSTs whose path says how many bytes the reply has. `node`: node:http, which writes reply by reply, as
// a subgraph does; `bare`: what came in one read is answered in one write, so that the caller is never the faster side.
// Prints its port.
import { createServer as createHttpServer } from "node:http";
import { createServer } from "node:net";
import { createMessageReader } from "./fixture/http-messages.ts";

const replies = new Map<string, { readonly body: Buffer; readonly message: Buffer }>();

function replyOf(path: string) {
  const known = replies.get(path);
  if (known) return known;
  const body = Buffer.from(JSON.stringify({ data: { text: "x".repeat(Number(path.slice(1)) - 20) } }));
  const lines = ["HTTP/1.1 200 OK", "content-type: application/json; charset=utf-8", `content-length: ${body.length}`];
  const kept = ["Date: Sun, 06 Nov 1994 08:49:37 GMT", "Connection: keep-alive", "Keep-Alive: timeout=60"]; // as node:http says
  const message = Buffer.concat([Buffer.from([...lines, ...kept, "", ""].join("\r\n")), body]);
  const reply = { body, message };
  replies.set(path, reply);
  return reply;
}

const nodeServer = () =>
  createHttpServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    request.on("data", () => {});
    request.on("end", () => {
      const { body } = replyOf(request.url ?? "");
      response.writeHead(200, { "content-type": "application/json; charset=utf-8", "content-length": body.length }).end(body);
    });
  });

const bareServer = () =>
  createServer({ noDelay: true }, (socket) => {
    const read = createMessageReader(({ head }) => {
      const [, path = ""] = head.split(" ", 2);
      socket.write(replyOf(path).message);
    });
    socket.on("data", (chunk: Buffer) => {
      socket.cork();
      read(chunk);
      socket.uncork();
    });
    socket.on("error", () => socket.destroy());
  });

const server = process.argv[2] === "bare" ? bareServer() : nodeServer();
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  console.log(`port ${typeof address === "object" && address ? address.port : 0}`);
});
