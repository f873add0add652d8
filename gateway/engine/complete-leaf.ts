import { type GraphQLEnumType, type GraphQLLeafType, isEnumType } from "graphql";

/** Checks the JSON text of a leaf and gives the text to write; undefined when it is not a value of the type. */
export type LeafCompletion = (text: string) => string | undefined;

/** How values of a leaf type are checked: built-in scalars and enums are, what a custom scalar holds is its own affair. */
export function leafCompletionOf(type: GraphQLLeafType): LeafCompletion {
  return isEnumType(type) ? completeEnum(textsOf(type)) : completions[scalarNameOf(type)];
}

/** Code that is the completion of a type, where `completions` and `completeEnum` are known. */
export const leafCompletionCode = (type: GraphQLLeafType): string =>
  isEnumType(type) ? `completeEnum(${JSON.stringify(textsOf(type))})` : `completions.${scalarNameOf(type)}`;

const textsOf = (type: GraphQLEnumType): readonly string[] => type.getValues().map(({ name }) => `"${name}"`);

const scalarNameOf = ({ name }: GraphQLLeafType): keyof typeof completions =>
  Object.hasOwn(completions, name) ? (name as keyof typeof completions) : "Custom";

export function completeEnum(texts: readonly string[]): LeafCompletion {
  const known = new Set(texts);
  return (text) => (known.has(text) ? text : undefined); // also keeps inaccessible values in
}

const quote = 34;
const integer = /^-?\d+$/;

const completeString: LeafCompletion = (text) => (text.charCodeAt(0) === quote ? text : undefined);
const completeBoolean: LeafCompletion = (text) => (text === "true" || text === "false" ? text : undefined);
const completeFloat: LeafCompletion = (text) => (isNumber(text) ? text : undefined);
const completeCustom: LeafCompletion = (text) => text;

/** Some servers write ids as numbers. */
const completeId: LeafCompletion = (text) => {
  if (text.charCodeAt(0) === quote) return text;
  return integer.test(text) ? `"${text}"` : undefined;
};

export const completeInt: LeafCompletion = (text) => {
  if (isShortInteger(text)) return text;
  if (!isNumber(text)) return undefined;
  const value = Number(text);
  if (!Number.isInteger(value) || value > 2_147_483_647 || value < -2_147_483_648) return undefined;
  return integer.test(text) ? text : String(value); // 1.0 and 1e3 are integers too
};

/** Nearly all integers: digits that cannot be out of range. */
function isShortInteger(text: string): boolean {
  if (text.length > 9) return false;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code < 48 || code > 57) return false;
  }
  return true;
}

/** JSON text that begins with a digit or a minus is a number. */
function isNumber(text: string): boolean {
  const first = text.charCodeAt(0);
  return first === 45 || (first >= 48 && first <= 57);
}

/** By the name of the scalar. */
export const completions = {
  Int: completeInt,
  Float: completeFloat,
  String: completeString,
  ID: completeId,
  Boolean: completeBoolean,
  Custom: completeCustom,
};
