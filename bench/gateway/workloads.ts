import { deepOperation, smallOperation } from "../engine/benchmark-subgraphs.ts";

/** One operation that is repeated. `small` and `large` name the answers the bounds are given. */
export type Workload = { readonly name: "B" | "C"; readonly query: string };

export const workloads: readonly Workload[] = [
  { name: "B", query: deepOperation },
  { name: "C", query: smallOperation },
];

/** The bytes of a request for an operation, as a client would send it. */
export function requestBytes({ query }: Pick<Workload, "query">, port: number, token: string): Buffer {
  const body = JSON.stringify({ query });
  const head = [
    "POST /graphql HTTP/1.1",
    `host: 127.0.0.1:${port}`,
    "content-type: application/json",
    "accept: application/json",
    `authorization: Bearer ${token}`,
    `content-length: ${Buffer.byteLength(body)}`,
  ].join("\r\n");
  return Buffer.from(`${head}\r\n\r\n${body}`);
}
