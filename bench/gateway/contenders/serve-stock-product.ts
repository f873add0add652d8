// Process: the stock gateway before the product's subgraphs: it verifies the caller's token once and signs each call, as
// they ask of any gateway. The supergraph is in BENCH_SUPERGRAPH. Prints its port when ready.
import { readFileSync } from "node:fs";
import { ApolloGateway, RemoteGraphQLDataSource } from "@apollo/gateway";
import { ApolloServer } from "@apollo/server";
import { startStandaloneServer } from "@apollo/server/standalone";
import { encodeIdentity, identityHeader, signatureHeader } from "@tributary/contracts/identity";
import { remoteKeySet } from "@tributary/gateway/auth/key-set";
import { createTokenVerifier } from "@tributary/gateway/auth/token-verifier";
import { acceptRouterFeatures } from "@tributary/gateway/supergraph/apollo-host";
import { createRequestSigner } from "@tributary/platform/request-signature";

const { TOKEN_ISSUER: issuer = "", TOKEN_AUDIENCE: audience = "", JWKS_URL = "", SUBGRAPH_SECRET = "" } = process.env;
type Context = { readonly identity: string };

const verifier = createTokenVerifier({ key: remoteKeySet(new URL(JWKS_URL)).key, issuer, audience });
const sign = createRequestSigner(SUBGRAPH_SECRET);

class SignedDataSource extends RemoteGraphQLDataSource<Context> {
  override willSendRequest({
    request,
    context,
  }: Parameters<NonNullable<RemoteGraphQLDataSource<Context>["willSendRequest"]>>[0]) {
    const identity = (context as Partial<Context>).identity ?? encodeIdentity(null);
    const { http: _, query, ...rest } = request;
    const body = JSON.stringify({ query, ...rest }); // as the data source writes it afterwards
    const path = new URL(this.url ?? "").pathname;
    request.http?.headers.set(identityHeader, identity);
    request.http?.headers.set(signatureHeader, sign({ method: "POST", path, body, identity }, Date.now()));
  }
}

const gateway = new ApolloGateway({
  supergraphSdl: readFileSync(process.env["BENCH_SUPERGRAPH"] ?? "", "utf8"),
  buildService: ({ url }) => new SignedDataSource({ ...(url && { url }) }),
});
acceptRouterFeatures(gateway); // it refuses supergraphs with `@authenticated`, whose rules it does not enforce

const server = new ApolloServer<Context>({ gateway, introspection: false });
const { url } = await startStandaloneServer(server, {
  listen: { port: 0, host: "127.0.0.1" },
  context: async ({ req }) => {
    const { identity } = await verifier.verify((req.headers.authorization ?? "").replace("Bearer ", ""));
    return { identity: encodeIdentity(identity) };
  },
});
console.log(`port ${new URL(url).port}`);
