import { type Environment, integer, parseEnvironment, secret, text } from "@tributary/platform/config";
import { readSubgraphConfig, type SubgraphConfig, subgraphVariables } from "@tributary/platform/subgraph-server";
import { z } from "zod";
import type { AttemptLimits } from "./commands/attempt-throttle.ts";
import type { AccessTokenSettings } from "./domain/access-tokens.ts";

/** The cursor secret also seals refresh tokens and invitation links. */
export type UsersConfig = SubgraphConfig & {
  readonly tokens: AccessTokenSettings;
  readonly attemptLimits: AttemptLimits;
};

const ed25519Key = z.object({
  kty: z.literal("OKP"),
  crv: z.literal("Ed25519"),
  x: z.string(),
  d: z.string(),
  kid: z.string().optional(),
});

/** Reads the settings of the users service and of its worker. @throws ConfigurationError with all faults; TypeError for a key of another kind */
export function loadUsersConfig(env: Environment): UsersConfig {
  const read = parseEnvironment(env, {
    ...subgraphVariables({ port: 4001, adminPort: 9001 }),
    TOKEN_PRIVATE_JWK: secret({ minBytes: 32 }),
    TOKEN_ISSUER: text(),
    TOKEN_AUDIENCE: text(),
    // Attempts in 15 minutes. By account, from one address (ten times as many from all): slows guessing one password;
    // by address: trying many accounts, from an office too.
    SIGN_IN_LIMIT_PER_ACCOUNT: integer({ default: 10, min: 1 }),
    SIGN_IN_LIMIT_PER_ADDRESS: integer({ default: 100, min: 1 }),
    SIGN_UP_LIMIT_PER_ADDRESS: integer({ default: 100, min: 1 }),
  });
  return {
    ...readSubgraphConfig(read),
    tokens: { privateJwk: readKey(read.TOKEN_PRIVATE_JWK), issuer: read.TOKEN_ISSUER, audience: read.TOKEN_AUDIENCE },
    attemptLimits: {
      signInPerAccount: read.SIGN_IN_LIMIT_PER_ACCOUNT,
      signInPerAddress: read.SIGN_IN_LIMIT_PER_ADDRESS,
      signUpPerAddress: read.SIGN_UP_LIMIT_PER_ADDRESS,
    },
  };
}

function readKey(json: string): AccessTokenSettings["privateJwk"] {
  const parsed = ed25519Key.safeParse(parseJson(json));
  if (!parsed.success) throw new TypeError("TOKEN_PRIVATE_JWK is not an Ed25519 private key in JWK form"); // the value stays out of the text
  const { kid, ...key } = parsed.data;
  return kid === undefined ? key : { ...key, kid };
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined; // the schema refuses it with one message
  }
}
