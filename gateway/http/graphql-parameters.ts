import { isUtf8 } from "node:buffer";
import { badRequest } from "../errors.ts";

/** The parameters of a GraphQL request (GraphQL over HTTP, section 5), checked for type only. */
export type GraphQLParameters = {
  /** Null where the request names a persisted query instead. */
  readonly query: string | null;
  readonly operationName: string | null;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly persistedHash: string | null;
  /** Size of the text the variables came in, an upper bound of theirs. */
  readonly receivedBytes: number;
};

/** Reads the JSON body of a POST. @throws RequestError 400 */
export function parseBody(body: Buffer): GraphQLParameters {
  if (!isUtf8(body)) throw badRequest("The body is not UTF-8.");
  const value = parseJson(body.toString(), "The body");
  if (Array.isArray(value)) throw badRequest("Batching is disabled: send one operation per request.");
  if (!isObject(value)) throw badRequest("The body must be a JSON object with a query.");
  return readParameters(value, body.length);
}

/** Reads the query string of a GET. @throws RequestError 400 */
export function parseQueryString(queryString: string): GraphQLParameters {
  const search = new URLSearchParams(queryString);
  const json = (name: string): unknown => {
    const text = search.get(name);
    return text ? parseJson(text, name) : null;
  };
  const value = {
    query: search.get("query"),
    operationName: search.get("operationName"),
    variables: json("variables"),
    extensions: json("extensions"),
  };
  return readParameters(value, queryString.length);
}

function readParameters(value: Readonly<Record<string, unknown>>, receivedBytes: number): GraphQLParameters {
  const { query, operationName, variables, extensions } = value;
  if (query !== undefined && query !== null && typeof query !== "string") throw badRequest("query must be a string.");
  if (!isAbsentOr(operationName, isString)) throw badRequest("operationName must be a string.");
  if (!isAbsentOr(variables, isObject)) throw badRequest("variables must be an object.");
  if (!isAbsentOr(extensions, isObject)) throw badRequest("extensions must be an object.");
  const persistedHash = readPersistedHash(extensions?.persistedQuery);
  if (!query && persistedHash === null) throw badRequest("The request has no query.");
  return { query: query || null, operationName: operationName || null, variables: variables ?? {}, persistedHash, receivedBytes };
}

/** Apollo's automatic persisted queries, the one version there is. */
function readPersistedHash(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  const { version, sha256Hash } = isObject(value) ? value : {};
  if (version !== 1 || !isString(sha256Hash) || !/^[0-9a-f]{64}$/.test(sha256Hash)) {
    throw badRequest("extensions.persistedQuery must have version 1 and a sha256Hash.");
  }
  return sha256Hash;
}

function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw badRequest(`${what} is not JSON.`);
  }
}

const isString = (value: unknown): value is string => typeof value === "string";
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isAbsentOr = <T>(value: unknown, is: (value: unknown) => value is T): value is T | null | undefined =>
  value === undefined || value === null || is(value);
