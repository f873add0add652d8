// Process: our planner and engine behind a bare node:http, without authentication, limits, metrics or signatures: what the
// full gateway is compared with. Prints its port when ready.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import {
  createExecutor,
  type ExecutableOperation,
  type QueryPlan,
  type SubgraphFetch,
  type SubgraphReply,
} from "@tributary/gateway/engine/index";
import { createNativePlanner, loadNativeModule } from "@tributary/gateway/planner/index";
import { createInFlight } from "@tributary/gateway/subgraph-calls/in-flight";
import { createPlainCalls } from "@tributary/gateway/subgraph-calls/plain-calls";
import { createApolloHost } from "@tributary/gateway/supergraph/apollo-host";
import { buildGeneration } from "@tributary/gateway/supergraph/generation";
import type { AnnouncedSupergraph } from "@tributary/gateway/supergraph/worker-protocol";
import { type FragmentDefinitionNode, Kind, type OperationDefinitionNode, parse } from "graphql";

let announced: AnnouncedSupergraph | undefined;
const host = createApolloHost({
  announce: (supergraph) => {
    announced = supergraph;
  },
  warn: () => {},
});
host.update(readFileSync(process.env.BENCH_SUPERGRAPH ?? "", "utf8"));
if (!announced) throw new Error("no supergraph");
const generation = buildGeneration(announced, 1, () => undefined);
const module = loadNativeModule();
const native = module && createNativePlanner({ module });
const executor = createExecutor();
const calls = createPlainCalls({ addressOf: (name) => generation.subgraphs.get(name) });
const known = new Map<string, { readonly record: ExecutableOperation; readonly plan: QueryPlan }>();
const { signal } = new AbortController();

async function prepare(query: string) {
  const { definitions } = parse(query);
  const operation = definitions.find((each): each is OperationDefinitionNode => each.kind === Kind.OPERATION_DEFINITION);
  if (!operation) throw new Error("no operation");
  const fragments = definitions.filter((each): each is FragmentDefinitionNode => each.kind === Kind.FRAGMENT_DEFINITION);
  const record = { operation, fragments: new Map(fragments.map((each) => [each.name.value, each])), generation };
  const request = { generation, document: query, operationName: undefined };
  const plan = native?.serves(generation) ? await native.plan(request) : host.plan(generation.id, query, undefined);
  const prepared = { record, plan };
  known.set(query, prepared);
  return prepared;
}

const plain = calls.forRequest({ headersFor: () => ({}), signal });
const decoders: unknown[] = []; // a reply is shared by those who read it alike
const numberOf = (decode: unknown): number => (decoders.includes(decode) ? decoders.indexOf(decode) : decoders.push(decode) - 1);
const repliesInFlight = createInFlight<SubgraphReply>((reply) => ({ ...reply, isShared: true }));
const shared: SubgraphFetch = (call) =>
  repliesInFlight.join(`${call.subgraph}\n${numberOf(call.decode)}\n${call.body}`, signal, () => plain(call));
const fetch = process.env["SHARE_SUBGRAPH_QUERIES"] === "true" ? shared : plain;
const answersInFlight = createInFlight<Buffer>();
const isSharingOperations = process.env["SHARE_OPERATIONS"] === "true";

async function answer(query: string): Promise<Buffer> {
  const { record, plan } = known.get(query) ?? (await prepare(query));
  const { body } = await executor.execute({ record, plan, variables: {}, fetch, signal });
  return typeof body === "string" ? Buffer.from(body) : body;
}

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", async () => {
    const { query } = JSON.parse(String(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks))) as { query: string };
    const bytes = await (isSharingOperations ? answersInFlight.join(query, signal, () => answer(query)) : answer(query));
    response.writeHead(200, { "content-type": "application/json", "content-length": bytes.length });
    response.end(bytes);
  });
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  console.log(`port ${typeof address === "object" ? address?.port : 0}`);
});
