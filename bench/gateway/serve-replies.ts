// Process: a server of POSTs whose path says how many bytes the reply has. As node:http writes replies, one at a time.
// Prints its port.
import { createServer } from "node:http";

const bodies = new Map<string, Buffer>();

const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  request.on("data", () => {});
  request.on("end", () => {
    const path = request.url ?? "";
    const body = bodies.get(path) ?? Buffer.from(JSON.stringify({ data: { text: "x".repeat(Number(path.slice(1)) - 20) } }));
    bodies.set(path, body);
    response.writeHead(200, { "content-type": "application/json; charset=utf-8", "content-length": body.length }).end(body);
  });
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  console.log(`port ${typeof address === "object" && address ? address.port : 0}`);
});
