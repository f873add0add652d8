import { parseAccept, weightOf } from "./media-ranges.ts";

/** A parsed `Content-Type`. */
export type ContentType = { readonly mediaType: string; readonly charset: string | null };

const plainJson: ContentType = { mediaType: "application/json", charset: null };

/** Parses a `Content-Type` (RFC 9110 section 8.3); null where it is none. */
export function parseContentType(header: string | undefined): ContentType | null {
  if (header === "application/json") return plainJson; // nearly always
  const [type = "", ...parameters] = (header ?? "").split(";");
  const mediaType = type.trim().toLowerCase();
  if (!/^[\w.+*!#$&^-]+\/[\w.+*!#$&^-]+$/.test(mediaType)) return null;
  const charset = parameters.map((parameter) => /^\s*charset\s*=\s*"?([^"]*?)"?\s*$/i.exec(parameter)?.[1]).find(Boolean);
  return { mediaType, charset: charset?.toLowerCase() ?? null };
}

export const graphqlResponseType = "application/graphql-response+json";
export type ResponseMediaType = typeof graphqlResponseType | "application/json";

// In the order we prefer where a client likes them equally. A client that names none knows `application/json` only.
export const wholeTypes: readonly ResponseMediaType[] = ["application/json", graphqlResponseType];

/**
 * The media type to answer in (RFC 9110 section 12.5.1, GraphQL over HTTP section 6): the one the client likes best,
 * null where it takes none of ours.
 */
export function negotiateMediaType(accept: string | undefined): ResponseMediaType | null {
  if (accept === undefined || accept === "application/json" || accept.trim() === "") return "application/json";
  const ranges = parseAccept(accept);
  let best: ResponseMediaType | null = null;
  let bestWeight = 0;
  for (const mediaType of wholeTypes) {
    const weight = weightOf(mediaType, ranges);
    // The type made for GraphQL wins where it is named as often as the general one.
    const preferred = weight === bestWeight && weight > 0 && ranges.some(({ range }) => range === mediaType);
    if (weight > bestWeight || preferred) {
      best = mediaType;
      bestWeight = weight;
    }
  }
  return best;
}
