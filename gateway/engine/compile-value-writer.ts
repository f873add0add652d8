import {
  type GraphQLCompositeType,
  type GraphQLOutputType,
  isCompositeType,
  isListType,
  isNonNullType,
  type SelectionSetNode,
} from "graphql";
import type { GeneratedCode } from "./generated-code.ts";
import { partArguments } from "./generated-joins.ts";
import type { Position } from "./positions.ts";

/** What a field selects of the objects at a position. */
export interface SelectedPlace {
  readonly position: Position;
  readonly selectionSets: readonly SelectionSetNode[];
  /** Tells it apart from others, for keys. */
  readonly key: string;
}

/** The name of a function that writes one object, from its sources that come with the parent. */
type ObjectWriter = (place: SelectedPlace, type: GraphQLCompositeType) => string;

/** Gives code that is the text of an object or a list of objects, from code of what each source has for it. */
export function createValueWriter(code: GeneratedCode, objectWriter: ObjectWriter) {
  function valueExpression(place: SelectedPlace, type: GraphQLOutputType, values: readonly string[]): string {
    const nullable = isNonNullType(type) ? type.ofType : type;
    const name = isListType(nullable) ? listWriter(place, nullable.ofType) : nullableObject(place, nullable);
    const call = `${name}(${values.join(",")})`;
    return isNonNullType(type) ? `some(${call})` : `(${call}??"null")`;
  }

  /** A function of what each carried source has for a value: the object's text, or undefined for null. */
  function nullableObject(place: SelectedPlace, type: GraphQLOutputType): string {
    if (!isCompositeType(type)) throw new TypeError("not a composite type");
    const names = partArguments(place.position);
    return code.functionFor(
      "n",
      `${place.key}|${type.name}`,
      (name) => `function ${name}(${names}){${settleNulls(names.split(","))}return ${objectWriter(place, type)}(${names});}`,
    );
  }

  function listWriter(place: SelectedPlace, elementType: GraphQLOutputType): string {
    const names = partArguments(place.position).split(",");
    const first = names.slice(1).reduce((chosen, each) => `${chosen}??${each}`, names[0]!);
    const elements = names.map((each) => (names.length === 1 ? `${each}[i]` : `${each}?.[i]`));
    return code.functionFor(
      "l",
      `${place.key}|${String(elementType)}`,
      (
        name,
      ) => `function ${name}(${names.join(",")}){${settleNulls(names)}const f=${first};if(!Array.isArray(f))throw amiss;let o="[";
for(let i=0;i<f.length;i++){if(i>0)o+=",";o+=${valueExpression(place, elementType, elements)};}return o+"]";}`,
    );
  }

  return valueExpression;
}

/** Code that lets a later null hide earlier values, and returns when nothing is left. */
function settleNulls(names: readonly string[]): string {
  if (names.length === 1) return `if(${names[0]}===null||${names[0]}===undefined)return undefined;`;
  const hide = names.map((name, index) => {
    const earlier = names
      .slice(0, index)
      .map((each) => `${each}=undefined;`)
      .join("");
    return `if(${name}===null){${earlier}${name}=undefined;}`;
  });
  return `${hide.join("")}if(${names.map((name) => `${name}===undefined`).join("&&")})return undefined;`;
}
