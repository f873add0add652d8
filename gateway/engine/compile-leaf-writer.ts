import { type GraphQLOutputType, isEnumType, isLeafType, isListType, isNonNullType } from "graphql";
import { leafCompletionCode } from "./complete-leaf.ts";
import type { GeneratedCode } from "./generated-code.ts";

/** Gives code that is the text of a leaf, or a list of them, whose value some code is. */
export function createLeafWriter(code: GeneratedCode): (type: GraphQLOutputType, value: string) => string {
  function leafValue(type: GraphQLOutputType, value: string): string {
    if (isNonNullType(type))
      return isListType(type.ofType)
        ? `some(${leafList(type.ofType.ofType)}(${value}))`
        : `${completion(type.ofType)}1(${value})`;
    return isListType(type) ? `(${leafList(type.ofType)}(${value})??"null")` : `${completion(type)}0(${value})`;
  }

  const leafList = (elementType: GraphQLOutputType): string =>
    code.functionFor(
      "a",
      String(elementType),
      (name) => `function ${name}(v){if(v===null||v===undefined)return undefined;if(!Array.isArray(v))throw amiss;let o="[";
for(let i=0;i<v.length;i++){if(i>0)o+=",";o+=${leafValue(elementType, "v[i]")};}return o+"]";}`,
    );

  /** The prefix of two functions, for nullable (0) and non-null (1) values. */
  function completion(type: GraphQLOutputType): string {
    if (!isLeafType(type)) throw new TypeError("not a leaf type");
    if (!isEnumType(type) && type.name === "String") return "str";
    return code
      .functionFor(
        "c_",
        type.name,
        (
          name,
        ) => `const ${name}_=${leafCompletionCode(type)};function ${name}_1(v){if(typeof v!=="string")throw amiss;const r=${name}_(v);if(r===undefined)throw amiss;return r;}
function ${name}_0(v){return v===null||v===undefined?"null":${name}_1(v);}`,
      )
      .concat("_");
  }

  return leafValue;
}
