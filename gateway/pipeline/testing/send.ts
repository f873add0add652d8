import { type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from "node:http";
import { connect } from "node:net";

type AnswerError = {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions: { readonly code: string; readonly [name: string]: unknown };
};
export type AnswerBody = { readonly data: Record<string, unknown>; readonly errors: [AnswerError, ...AnswerError[]] };

export type TestAnswer = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  readonly text: string;
  /** Parsed where it is JSON; a test looks into the part it has made sure of. */
  readonly json: AnswerBody;
};

export type TestRequest = {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string | Buffer;
};

/** One request on a connection of its own; nothing is added but `host` and `content-length`. */
export function send(port: number, { method = "POST", path = "/graphql", headers = {}, body }: TestRequest): Promise<TestAnswer> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: "127.0.0.1", port, method, path, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const bytes = Buffer.concat(chunks);
        const text = bytes.toString();
        const isJson = /json/.test(response.headers["content-type"] ?? "") && !response.headers["content-encoding"];
        const json = (isJson ? JSON.parse(text) : undefined) as AnswerBody;
        resolve({ status: response.statusCode ?? 0, headers: response.headers, bytes, text, json });
      });
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

/** A GraphQL POST as clients send it. */
export const ask = (port: number, body: unknown, headers: OutgoingHttpHeaders = {}): Promise<TestAnswer> =>
  send(port, { headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(body) });

/** Writes bytes as they are and gives everything that comes back until the server closes. */
export function sendRaw(port: number, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    let received = "";
    socket.on("data", (chunk) => {
      received += chunk;
    });
    socket.on("close", () => resolve(received));
    socket.on("error", (error: NodeJS.ErrnoException) => (error.code === "ECONNRESET" ? resolve(received) : reject(error)));
    socket.write(bytes);
  });
}
