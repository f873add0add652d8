import { GraphQLError, GraphQLScalarType, type ValueNode } from "graphql";

const maxMarkdownBytes = 64 * 1024; // reference: house rules, body limit
const maxUrlLength = 2_048; // what browsers and mail clients agree on
const maxEmailLength = 254; // RFC 5321 section 4.5.3.1.3, less the angle brackets
const maxCursorLength = 2_048; // as contracts/cursors.ts

type TextRule = (text: string) => boolean;

/** A scalar whose values are strings that keep `rule`; `parse` gives the form resolvers see. U+0000 is refused: Postgres cannot store it. */
function textScalar(
  name: string,
  expected: string,
  rule: TextRule,
  serialize: (value: unknown) => unknown = String,
): GraphQLScalarType {
  const parse = (value: unknown): string => {
    if (typeof value === "string" && !value.includes("\0") && rule(value)) return value;
    throw new GraphQLError(`${name} must be ${expected}`, { extensions: { code: "BAD_USER_INPUT" } });
  };
  return new GraphQLScalarType({
    name,
    serialize,
    parseValue: parse,
    parseLiteral: (node: ValueNode) => parse(node.kind === "StringValue" ? node.value : undefined),
  });
}

const dateShape = /^(\d{4})-(\d{2})-(\d{2})$/;
// RFC 3339 section 5.6; seconds up to 59 as JavaScript and Postgres know no leap second.
const dateTimeShape = /^(\d{4}-\d{2}-\d{2})T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/i;
const localTimeShape = /^([01]\d|2[0-3]):[0-5]\d$/;
// Practical form of an address: one @, no spaces or controls, a dotted domain. Linear in its length: no nested repetition.
const emailShape = /^[^\s@<>()[\]\\,;:"\p{Cc}]{1,64}@[a-z0-9-]+(\.[a-z0-9-]+)+$/iu;
const timeZoneShape = /^[A-Za-z][A-Za-z0-9_+/-]{0,63}$/; // names only: Intl also takes offsets such as +01:00

function isCalendarDay(text: string): boolean {
  const match = dateShape.exec(text);
  if (!match) return false;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return year > 0 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

function isTimeZone(text: string): boolean {
  if (!timeZoneShape.test(text)) return false;
  try {
    new Intl.DateTimeFormat("en", { timeZone: text });
    return true;
  } catch {
    return false; // RangeError is how Intl says that it does not know the zone
  }
}

function isWebAddress(text: string): boolean {
  if (text.length > maxUrlLength || !URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  return (protocol === "https:" || protocol === "http:") && username === "" && password === "";
}

/** Dates and RFC 3339 text become RFC 3339 text in UTC. */
function serializeDateTime(value: unknown): string {
  const date = value instanceof Date ? value : new Date(String(value));
  if (Number.isNaN(date.getTime())) throw new TypeError("DateTime resolver returned something that is no moment");
  return date.toISOString();
}

/** Resolvers of the scalars in `schema/common.graphql`. Inputs arrive as checked strings; DateTime outputs may be `Date` or text. */
export const commonScalars: Readonly<Record<string, GraphQLScalarType>> = {
  DateTime: textScalar(
    "DateTime",
    "an RFC 3339 date and time with an offset",
    (text) => isCalendarDay(text.slice(0, 10)) && dateTimeShape.test(text),
    serializeDateTime,
  ),
  Date: textScalar("Date", "a calendar day, YYYY-MM-DD", isCalendarDay),
  LocalTime: textScalar(
    "LocalTime",
    "a time of day, HH:MM",
    (text) => localTimeShape.test(text),
    (value) => String(value).slice(0, 5),
  ),
  TimeZone: textScalar("TimeZone", "an IANA time zone name", isTimeZone),
  Cursor: textScalar("Cursor", "a cursor", (text) => text.length > 0 && text.length <= maxCursorLength),
  Email: textScalar("Email", "an e-mail address", (text) => text.length <= maxEmailLength && emailShape.test(text)),
  URL: textScalar("URL", "an absolute http or https address", isWebAddress),
  Markdown: textScalar("Markdown", "text of at most 64 KiB", (text) => Buffer.byteLength(text) <= maxMarkdownBytes),
};
