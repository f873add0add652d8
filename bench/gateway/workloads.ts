import { deepOperation, smallOperation } from "../engine/benchmark-subgraphs.ts";

export type Operation = { readonly query: string; readonly variables?: Readonly<Record<string, unknown>> };

export type WorkloadName = "B" | "C" | "P";

/** Operations to which all contenders must give equal answers: B and C of the benchmark's schema, P of the product. */
export type Workload = { readonly name: WorkloadName; readonly operations: readonly Operation[] };

export const benchmarkWorkloads: readonly Workload[] = [
  { name: "B", operations: [{ query: deepOperation }] }, // the public benchmark's deep query, 86 kB
  { name: "C", operations: [{ query: smallOperation }] }, // one small fetch
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
