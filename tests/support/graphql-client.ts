import { type Client, createClient } from "graphql-ws";
import WebSocket from "ws";

type GraphqlError = { message: string; path?: (string | number)[]; extensions: { code: string; [key: string]: unknown } };
// A test names the shape it expects of a reply and asserts on it; a generated type per operation would only repeat it.
type GraphqlReply<T> = { status: number; headers: Headers; data: T | null; errors: GraphqlError[] };

const requestTimeoutMs = 15_000;

/** One client as an app would have it: a token, and the consistency header it carries from answer to request. */
export type GraphqlClient = {
  token: string | null;
  consistency: string | null;
  send<T>(query: string, variables?: Record<string, unknown>, headers?: Record<string, string>): Promise<GraphqlReply<T>>;
  /** As `send`, for a reply that must have no errors. @throws Error naming the errors */
  data<T>(query: string, variables?: Record<string, unknown>): Promise<T>;
};

/** A GraphQL over HTTP client of one gateway. */
export function createGraphqlClient(url: string, token: string | null = null): GraphqlClient {
  const client: GraphqlClient = {
    token,
    consistency: null,
    async send<T>(query: string, variables: Record<string, unknown> = {}, headers: Record<string, string> = {}) {
      const response = await fetch(url, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          accept: "application/json",
          ...(client.token ? { authorization: `Bearer ${client.token}` } : {}),
          ...(client.consistency ? { "x-consistency": client.consistency } : {}),
          ...headers,
        },
        body: JSON.stringify({ query, variables }),
        signal: AbortSignal.timeout(requestTimeoutMs),
      });
      const body = (await response.json()) as { data?: T | null; errors?: GraphqlError[] };
      client.consistency = response.headers.get("x-consistency") ?? client.consistency;
      return { status: response.status, headers: response.headers, data: body.data ?? null, errors: body.errors ?? [] };
    },
    async data<T>(query: string, variables?: Record<string, unknown>) {
      const { data, errors } = await client.send<T>(query, variables);
      if (errors.length > 0 || data === null) throw new Error(`unexpected errors: ${JSON.stringify(errors)}`);
      return data;
    },
  };
  return client;
}

/** A graphql-transport-ws client that does not reconnect by itself: tests decide when to resume. */
export const createSocketClient = (url: string, token: string, more: Readonly<Record<string, string>> = {}): Client =>
  createClient({
    url,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${token}`, ...more },
    retryAttempts: 0,
    lazy: true,
  });
