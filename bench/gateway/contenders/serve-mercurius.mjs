// Process: Mercurius as a federation gateway, compiled queries on. Prints its port when ready.
import mercuriusGateway from "@mercuriusjs/gateway";
import Fastify from "fastify";

// It reads federation 1 schemas, where one subgraph has a type and others extend it.
const owners = { User: "accounts", Product: "products" };
const federation1 = (subgraph, sdl) =>
  sdl
    .replace(/^extend schema .*$/m, "")
    .replace("type Query", "extend type Query")
    .replaceAll("@shareable", subgraph === "accounts" ? "" : "@external")
    .replace("author: User", 'author: User @provides(fields: "username")')
    .replace(/type (User|Product) (@key\(.*?\)) \{ (\w+: \w+!)/g, (text, type, key, field) =>
      owners[type] === subgraph ? text : `extend type ${type} ${key} { ${field} @external`,
    );
const services = JSON.parse(process.env.BENCH_SUBGRAPHS).map(({ name, url, sdl }) => ({
  name,
  url,
  schema: federation1(name, sdl),
  connections: 50,
}));

// It keeps a subquery for each place in an answer, 1,843 of them for the benchmark's large one, least recently used out first:
// with the 1,024 it keeps by default no request finds any, and all are printed anew.
const cache = 4_096;

const app = Fastify({ logger: false });
app.register(mercuriusGateway, { gateway: { services, cache }, jit: 1, graphiql: false });
await app.listen({ port: 0, host: "127.0.0.1" });
console.log(`port ${app.server.address().port}`);
