import { generateKeyPairSync, sign } from "node:crypto";
import { type SubgraphTransport, TransportError, type TransportRequest } from "@tributary/gateway/subgraph-calls/index";
import { graphql } from "graphql";
import { composeSupergraph, startGateway } from "../start-gateway.ts";
import { librarySchemas, librarySdls } from "./library-subgraphs.ts";

/** A call that a subgraph got. */
type LibraryCall = Pick<TransportRequest, "body" | "signal"> & { readonly subgraph: string };

/** A gateway over the library, on a port of its own. Calls whose body matches a hold wait for its release. */
export async function startLibrary(environment: Readonly<Record<string, string>> = {}) {
  const calls: LibraryCall[] = [];
  const holds = new Map<RegExp, Promise<void>>();
  const failures = new Set<RegExp>();
  const senderTo =
    (subgraph: string): SubgraphTransport["send"] =>
    async ({ body, signal }) => {
      calls.push({ subgraph, body, signal });
      const held = [...holds].filter(([pattern]) => pattern.test(body)).map(([, release]) => release);
      const aborted = Promise.withResolvers<never>();
      signal.addEventListener("abort", () => aborted.reject(signal.reason), { once: true });
      await Promise.race([Promise.all(held), aborted.promise]);
      if ([...failures].some((pattern) => pattern.test(body))) throw new TransportError("connection", "refused");
      const { query, variables } = JSON.parse(body) as { query: string; variables?: Record<string, unknown> };
      const schema = librarySchemas.get(subgraph);
      if (!schema) throw new Error(subgraph);
      return { status: 200, body: JSON.stringify(await graphql({ schema, source: query, variableValues: variables ?? {} })) };
    };

  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const jwks = { keys: [{ kty: "OKP", ...publicKey.export({ format: "jwk" }), kid: "k1" }] };
  const senders = new Map([...librarySdls.keys()].map((name) => [name, senderTo(name)]));
  const { port, metrics, close, stop } = await startGateway({
    supergraphSdl: composeSupergraph(librarySdls),
    senders,
    jwks,
    environment,
  });

  return {
    port,
    calls,
    metrics,
    /** Keeps calls whose body matches until the function it gives is called. */
    hold(pattern: RegExp): () => void {
      const { promise, resolve } = Promise.withResolvers<void>();
      holds.set(pattern, promise);
      return () => {
        holds.delete(pattern);
        resolve();
      };
    },
    /** Loses calls whose body matches until the function it gives is called. */
    fail(pattern: RegExp): () => void {
      failures.add(pattern);
      return () => void failures.delete(pattern);
    },
    /** An access token. */
    tokenFor(scope: string): string {
      const now = Math.floor(Date.now() / 1_000);
      const claims = { sub: "usr_1", sid: "ses_1", scope, iss: "tributary", aud: "tributary", iat: now, exp: now + 600 };
      const parts = [{ alg: "EdDSA", typ: "at+jwt", kid: "k1" }, claims];
      const text = parts.map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
      return `${text}.${sign(null, Buffer.from(text), privateKey).toString("base64url")}`;
    },
    close,
    stop,
  };
}
