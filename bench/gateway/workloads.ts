import { deepOperation, smallOperation } from "../engine/benchmark-subgraphs.ts";

export type Operation = { readonly query: string; readonly variables?: Readonly<Record<string, unknown>> };

export type WorkloadName = "B" | "C" | "P";

/** Operations that are asked in turn: B and C of the benchmark's schema, P those of the product. */
export type Workload = { readonly name: WorkloadName; readonly title: string; readonly operations: readonly Operation[] };

export const benchmarkWorkloads: readonly Workload[] = [
  { name: "B", title: "the public benchmark's deep query, 86 kB", operations: [{ query: deepOperation }] },
  { name: "C", title: "one small fetch", operations: [{ query: smallOperation }] },
];

/** The bytes of a request for an operation, as a client would send it. */
export function requestBytes(operation: Operation, port: number, token: string): Buffer {
  const body = JSON.stringify(operation);
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
