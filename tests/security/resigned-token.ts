import { type KeyObject, sign } from "node:crypto";

type Claims = Readonly<Record<string, unknown>>;

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");

/** The first two parts of a token. */
export const unsignedToken = (header: Claims, claims: Claims): string => `${part(header)}.${part(claims)}`;

export const signToken = (key: KeyObject, text: string): string =>
  `${text}.${sign(null, Buffer.from(text), key).toString("base64url")}`;

/** What is written in a token. */
export function readToken(token: string): { readonly header: Claims; readonly claims: Claims } {
  const [header, claims] = token.split(".", 2).map((text) => JSON.parse(Buffer.from(text, "base64url").toString()) as Claims);
  return { header: header!, claims: claims! };
}

/** A token with other claims, signed by `key`. */
export function resignedToken(key: KeyObject, token: string, claims: Claims): string {
  const own = readToken(token);
  return signToken(key, unsignedToken(own.header, { ...own.claims, ...claims }));
}
