import { ApolloServer, type ApolloServerPlugin, type BaseContext, HeaderMap, type HTTPGraphQLResponse } from "@apollo/server";
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from "@apollo/server/plugin/disabled";
import { formatConsistency } from "@tributary/contracts/consistency";
import { GraphQLError, type GraphQLSchema } from "graphql";
import type { DatabaseSession } from "../postgres/index.ts";
import type { Logger, Metrics } from "../telemetry/index.ts";
import type { ErrorFormatter } from "./format-error.ts";
import { onlyStorableText } from "./storable-text.ts";

/** What every resolver context has: the request's database session, whose positions go back to the caller. */
export type SessionContext = { readonly session: Pick<DatabaseSession, "consistency"> };

/** Adds `extensions.consistency` to an answer, where the request saw any position. */
export async function consistencyExtension(context: SessionContext): Promise<{ consistency?: string }> {
  const text = formatConsistency(await context.session.consistency());
  return text === "" ? {} : { consistency: text };
}

function createAnswerPlugin<Context extends BaseContext & SessionContext>(metrics: Metrics): ApolloServerPlugin<Context> {
  const seconds = metrics.histogram("subgraph_operation_seconds", "Time from parsing to answer", ["kind", "outcome"]);
  return {
    async requestDidStart() {
      const startedMs = performance.now();
      return {
        async didResolveOperation({ operation }) {
          if (operation?.operation === "subscription") {
            throw new GraphQLError("Subscriptions need a WebSocket", {
              extensions: { code: "BAD_REQUEST", http: { status: 400 } },
            });
          }
        },
        async willSendResponse({ response, contextValue, operation, errors }) {
          const outcome = errors && errors.length > 0 ? "error" : "ok";
          seconds.observe({ kind: operation?.operation ?? "none", outcome }, (performance.now() - startedMs) / 1_000);
          const extensions = await consistencyExtension(contextValue);
          if (response.body.kind === "single" && extensions.consistency) {
            response.body.singleResult.extensions = { ...response.body.singleResult.extensions, ...extensions };
          }
        },
      };
    },
  };
}

export type GraphQLEndpoint<Context> = {
  execute(
    body: unknown,
    createContext: () => Context,
  ): Promise<{ status: number; headers: Record<string, string>; body: string }>;
  stop(): Promise<void>;
};

async function readWhole({ body }: HTTPGraphQLResponse): Promise<string> {
  if (body.kind === "complete") return body.string;
  let text = "";
  for await (const chunk of body.asyncIterator) text += chunk;
  return text;
}

/** Apollo Server behind a plain function. It sees only requests whose signature was checked, so CSRF checks are off. */
export async function createGraphQLEndpoint<Context extends BaseContext & SessionContext>(options: {
  schema: GraphQLSchema;
  formatError: ErrorFormatter;
  logger: Logger;
  metrics: Metrics;
}): Promise<GraphQLEndpoint<Context>> {
  const server = new ApolloServer<Context>({
    schema: options.schema,
    introspection: true,
    nodeEnv: "production", // no stack traces in answers, whatever NODE_ENV says
    includeStacktraceInErrorResponses: false,
    csrfPrevention: false,
    persistedQueries: false,
    stopOnTerminationSignals: false,
    validationRules: [onlyStorableText],
    formatError: (_, error) => options.formatError(error),
    logger: {
      debug: (message: unknown) => options.logger.debug(String(message)),
      info: (message: unknown) => options.logger.debug(String(message)),
      warn: (message: unknown) => options.logger.warn(String(message)),
      error: (message: unknown) => options.logger.error(String(message)),
    },
    plugins: [
      createAnswerPlugin<Context>(options.metrics),
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginLandingPageDisabled(),
    ],
  });
  await server.start();
  const headers = new HeaderMap([
    ["content-type", "application/json"],
    ["accept", "application/json"],
  ]);
  return {
    async execute(body, createContext) {
      const response = await server.executeHTTPGraphQLRequest({
        httpGraphQLRequest: { method: "POST", headers, search: "", body },
        context: async () => createContext(),
      });
      return { status: response.status ?? 200, headers: Object.fromEntries(response.headers), body: await readWhole(response) };
    },
    stop: () => server.stop(),
  };
}
