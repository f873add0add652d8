import {
  type FieldNode,
  type GraphQLCompositeType,
  type GraphQLLeafType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  getNamedType,
  isCompositeType,
  isEnumType,
  isInterfaceType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  isUnionType,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from "graphql";
import { collectSelections, type SelectionContext } from "./collect-selections.ts";
import type { RequiredLeaves } from "./compile-collector.ts";
import { type LeafCompletion, leafCompletionOf } from "./complete-leaf.ts";
import { carriedSources, joinCode, joinFunctions, partArguments } from "./generated-joins.ts";
import type { LeafRuns } from "./leaf-runs.ts";
import type { JoinTables, Position, View } from "./positions.ts";
import { rootTypeOf } from "./write-response.ts";

/** Writes `data` from what was answered; undefined where something is not as it should be, which the plain writer then reports. */
export type CompiledWriter = (rootView: View, tables: JoinTables) => string | undefined;

/** Objects of a type at one place of the response, and what is written of them. */
export interface WrittenObject {
  readonly position: Position;
  readonly type: GraphQLCompositeType;
  readonly selectionSet: SelectionSetNode;
}

/**
 * Compiles the response of one operation over one program: which fetch has which field is known beforehand, so that the
 * code reads it there and appends it (bench/engine). It does what `writeResponse` does as long as nothing is amiss.
 *
 * The generated code holds names of validated operations and JSON-escaped literals only.
 */
export function compileWriter(
  context: SelectionContext,
  operation: OperationDefinitionNode,
  root: Position,
  requiredLeaves: RequiredLeaves,
  runs: LeafRuns,
): CompiledWriter {
  const type = rootTypeOf(context.schema, operation);
  return compileObjectWriter(context, { position: root, type, selectionSet: operation.selectionSet }, requiredLeaves, runs);
}

/** Compiles the text of one object of the response, of which the writer is given the view. */
export function compileObjectWriter(
  context: SelectionContext,
  main: WrittenObject,
  requiredLeaves: RequiredLeaves,
  runs: LeafRuns = new Map(),
): CompiledWriter {
  const { schema } = context;
  const functions: string[] = [];
  const constants: unknown[] = [];
  const writers = new Map<string, string>();
  const positionIds = new Map<Position, number>();
  const nodeIds = new Map<SelectionSetNode, number>();
  const completions = new Map<GraphQLLeafType, string>();
  const interfaceNames = new Set<string>();
  for (const type of Object.values(schema.getTypeMap())) if (isInterfaceType(type)) interfaceNames.add(`"${type.name}"`);
  let counter = 0;

  const idOf = <K>(ids: Map<K, number>, key: K): number => {
    const known = ids.get(key) ?? ids.size;
    ids.set(key, known);
    return known;
  };
  const constant = (value: unknown): string => `k[${constants.push(value) - 1}]`;

  /** The name of a function that writes the object at a position from its sources that come with the parent. */
  function objectWriter(position: Position, type: GraphQLCompositeType, selectionSets: readonly SelectionSetNode[]): string {
    const key = `${idOf(positionIds, position)}|${type.name}|${selectionSets.map((node) => idOf(nodeIds, node)).join()}`;
    const known = writers.get(key);
    if (known) return known;
    const name = `w${counter++}`;
    writers.set(key, name);
    const joined = position.sources
      .map(({ parent, table }, index) => (parent < 0 && position.parent ? `const s${index}=${joinCode(table, position)};` : ""))
      .join("");
    const body = bodyByType(position, type, selectionSets);
    const memoised = isObjectType(type) ? memoisedBody(name, position, type, selectionSets, body) : undefined;
    functions.push(`function ${name}(${partArguments(position)}){${joined}${memoised ?? body}}`);
    return name;
  }

  /**
   * An entity that stands at many places is written once: where all that is written of an object is joined to it, or is
   * part of its representation, the joined entities decide the text. `Number` makes one piece of a text that is used
   * again, so that joining the response does not go through its parts each time. Undefined where that is not so.
   */
  function memoisedBody(
    name: string,
    position: Position,
    type: GraphQLObjectType,
    selectionSets: readonly SelectionSetNode[],
    body: string,
  ): string | undefined {
    const [carried, ...others] = carriedSources(position);
    const joins = position.sources.flatMap(({ parent }, index) => (parent < 0 && position.parent ? [index] : []));
    if (carried === undefined || others.length > 0 || joins.length === 0) return undefined;
    const own = new Set<string>(); // leaves that the object brought along
    for (const [field, [node]] of collectSelections(context, selectionSets, type.name)) {
      const child = position.children.get(field);
      if (node?.selectionSet && child?.sources.some(({ parent }) => parent === carried)) return undefined;
      if (!node?.selectionSet && field !== "__typename" && position.sources[carried]!.shape.fields.has(field)) own.add(field);
    }
    const key = joins.find((index) => {
      const required = requiredLeaves(position.sources[index]!.table, type.name);
      return [...own].every((field) => required.has(field));
    });
    if (key === undefined) return undefined;
    const rest = joins.filter((index) => index !== key);
    const all = position.sources.map((_, index) => `s${index}`).join(",");
    functions.push(`const m_${name}=new Map();memos.push(m_${name});function t_${name}(${all}){${body}}`);
    const same = rest.map((index) => `&&m.s${index}===s${index}`).join("");
    const kept = ["text", ...rest.map((index) => `s${index}`)].join(",");
    return `if(s${key}===undefined)return t_${name}(${all});const m=m_${name}.get(s${key});if(m!==undefined${same}){if(!m.flat){m.flat=true;Number(m.text);}return m.text;}
const text=t_${name}(${all});m_${name}.set(s${key},{flat:false,${kept}});return text;`;
  }

  function bodyByType(position: Position, type: GraphQLCompositeType, selectionSets: readonly SelectionSetNode[]): string {
    if (isObjectType(type)) return `return ${fieldsOf(position, type, selectionSets)};`;
    const told = position.sources.flatMap(({ shape }, index) =>
      shape.fields.has("__typename") ? [`s${index}?.$__typename`] : [],
    );
    if (told.length === 0) return "throw amiss;";
    const byText = new Map<string, string[]>();
    for (const possible of schema.getPossibleTypes(type)) {
      const text = fieldsOf(position, possible, selectionSets);
      byText.set(text, [...(byText.get(text) ?? []), possible.name]);
    }
    const cases = [...byText].map(
      ([text, names]) => `${names.map((name) => `case ${JSON.stringify(`"${name}"`)}:`).join("")}return ${text};`,
    );
    return `switch(typename(${told.reverse().join(",")})){${cases.join("")}default:throw amiss;}`;
  }

  /** An expression that is the text of an object of a known type. */
  function fieldsOf(position: Position, type: GraphQLCompositeType, selectionSets: readonly SelectionSetNode[]): string {
    const parts: string[] = [];
    let before = "{";
    const fields = [...collectSelections(context, selectionSets, type.name)];
    const textOf = ([name, nodes]: (typeof fields)[number]): string[] => [
      JSON.stringify(`${JSON.stringify(name)}:`),
      fieldText(position, name, nodes, type),
    ];
    for (let index = 0; index < fields.length; ) {
      parts.push(JSON.stringify(before));
      before = ",";
      const run = runAt(position, fields, index);
      const taken = fields.slice(index, index + (run?.length ?? 1));
      const text = taken.map((field) => textOf(field).join("+")).join('+","+');
      parts.push(run ? `(${run.property}??(${text}))` : text);
      index += taken.length;
    }
    return parts.length === 0 ? '"{}"' : [...parts, '"}"'].join("+").replaceAll('"+"', "");
  }

  /** The run that begins with a field; objects of replies that were read in another way have single leaves instead. */
  function runAt(
    position: Position,
    fields: readonly (readonly [string, unknown])[],
    index: number,
  ): { readonly property: string; readonly length: number } | undefined {
    for (const [source, { shape }] of position.sources.entries()) {
      const run = runs.get(shape)?.find(({ leaves }) => leaves.every(({ name }, offset) => fields[index + offset]?.[0] === name));
      if (run) return { property: `${access(position, source)}.${run.key}`, length: run.leaves.length };
    }
    return undefined;
  }

  function fieldText(position: Position, name: string, nodes: readonly FieldNode[], type: GraphQLCompositeType): string {
    const fieldName = nodes[0]!.name.value;
    if (fieldName === "__typename") return JSON.stringify(JSON.stringify(type.name));
    if (fieldName === "__schema" || fieldName === "__type") return "never()"; // depends on variables, and is rare
    const field = isUnionType(type) ? undefined : type.getFields()[fieldName];
    if (!field) return '"null"';
    const selectionSets = nodes.flatMap((each) => each.selectionSet ?? []);
    const named = getNamedType(field.type);
    if (isLeafType(named)) return leafExpression(position, name, field.type);
    return compositeExpression(position, name, field.type, selectionSets);
  }

  function leafExpression(position: Position, name: string, type: GraphQLOutputType): string {
    const values = position.sources.flatMap(({ shape }, index) =>
      shape.fields.has(name) ? [`${access(position, index)}.$${name}`] : [],
    );
    const value = values.length === 0 ? "undefined" : values.length === 1 ? values[0]! : `last(${values.reverse().join(",")})`;
    return leafValue(type, value);
  }

  function leafValue(type: GraphQLOutputType, value: string): string {
    if (isNonNullType(type))
      return isListType(type.ofType)
        ? `some(${leafList(type.ofType.ofType)}(${value}))`
        : `${completion(type.ofType)}1(${value})`;
    return isListType(type) ? `(${leafList(type.ofType)}(${value})??"null")` : `${completion(type)}0(${value})`;
  }

  function leafList(elementType: GraphQLOutputType): string {
    const key = `a|${String(elementType)}`;
    const known = writers.get(key);
    if (known) return known;
    const name = `a${counter++}`;
    writers.set(key, name);
    functions.push(`function ${name}(v){if(v===null||v===undefined)return undefined;if(!Array.isArray(v))throw amiss;let o="[";
for(let i=0;i<v.length;i++){if(i>0)o+=",";o+=${leafValue(elementType, "v[i]")};}return o+"]";}`);
    return name;
  }

  /** The prefix of two functions, for nullable (0) and non-null (1) values. */
  function completion(type: GraphQLOutputType): string {
    if (!isLeafType(type)) throw new TypeError("not a leaf type");
    if (!isEnumType(type) && type.name === "String") return "str";
    const known = completions.get(type);
    if (known) return known;
    const name = `c${counter++}_`;
    completions.set(type, name);
    const check: LeafCompletion = leafCompletionOf(type);
    functions.push(`const ${name}=${constant(check)};function ${name}1(v){if(typeof v!=="string")throw amiss;const r=${name}(v);if(r===undefined)throw amiss;return r;}
function ${name}0(v){return v===null||v===undefined?"null":${name}1(v);}`);
    return name;
  }

  function compositeExpression(
    position: Position,
    name: string,
    type: GraphQLOutputType,
    selectionSets: readonly SelectionSetNode[],
  ): string {
    const child = position.children.get(name);
    const carried = child ? carriedSources(child) : [];
    if (!child || carried.length === 0) return isNonNullType(type) ? "never()" : '"null"';
    const values = carried.map((index) => `${access(position, child.sources[index]!.parent)}.$${name}`);
    return valueExpression(child, type, selectionSets, values);
  }

  function valueExpression(
    child: Position,
    type: GraphQLOutputType,
    selectionSets: readonly SelectionSetNode[],
    values: readonly string[],
  ): string {
    const nullable = isNonNullType(type) ? type.ofType : type;
    const name = isListType(nullable)
      ? listWriter(child, nullable.ofType, selectionSets)
      : nullableObject(child, nullable, selectionSets);
    const call = `${name}(${values.join(",")})`;
    return isNonNullType(type) ? `some(${call})` : `(${call}??"null")`;
  }

  /** A function of what each carried source has for a value: the object's text, or undefined for null. */
  function nullableObject(child: Position, type: GraphQLOutputType, selectionSets: readonly SelectionSetNode[]): string {
    if (!isCompositeType(type)) throw new TypeError("not a composite type");
    const key = `n|${idOf(positionIds, child)}|${type.name}|${selectionSets.map((node) => idOf(nodeIds, node)).join()}`;
    const known = writers.get(key);
    if (known) return known;
    const name = `n${counter++}`;
    writers.set(key, name);
    const names = partArguments(child);
    functions.push(
      `function ${name}(${names}){${settleNulls(names.split(","))}return ${objectWriter(child, type, selectionSets)}(${names});}`,
    );
    return name;
  }

  function listWriter(child: Position, elementType: GraphQLOutputType, selectionSets: readonly SelectionSetNode[]): string {
    const key = `l|${idOf(positionIds, child)}|${String(elementType)}|${selectionSets.map((node) => idOf(nodeIds, node)).join()}`;
    const known = writers.get(key);
    if (known) return known;
    const name = `l${counter++}`;
    writers.set(key, name);
    const names = partArguments(child).split(",");
    const first = names.slice(1).reduce((chosen, each) => `${chosen}??${each}`, names[0]!);
    const elements = names.map((each) => (names.length === 1 ? `${each}[i]` : `${each}?.[i]`));
    functions.push(`function ${name}(${names.join(",")}){${settleNulls(names)}const f=${first};if(!Array.isArray(f))throw amiss;let o="[";
for(let i=0;i<f.length;i++){if(i>0)o+=",";o+=${valueExpression(child, elementType, selectionSets, elements)};}return o+"]";}`);
    return name;
  }

  const write = objectWriter(main.position, main.type, [main.selectionSet]);
  const views = carriedSources(main.position)
    .map((index) => `r[${index}]`)
    .join(",");
  const code = `${runtime}${functions.join("\n")}
return function(r,tables){t=tables;try{return ${write}(${views});}catch(e){if(e===amiss)return undefined;throw e;}finally{t=undefined;for(const m of memos)m.clear();}};`;
  return new Function("k", "interfaces", code)(constants, interfaceNames) as CompiledWriter;
}

/** A source may lack the object, unless it is the only one that can have it. */
function access(position: Position, index: number): string {
  const carried = carriedSources(position);
  return position.parent !== undefined && carried.length === 1 && carried[0] === index ? `s${index}` : `s${index}?`;
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

const runtime = `let t;const amiss={};const memos=[];
${joinFunctions}function typename(...told){let found;for(const text of told){if(typeof text!=="string")continue;if(!interfaces.has(text))return text;found??=text;}return found;}
function last(...values){for(const v of values)if(v!==undefined)return v;return undefined;}
function some(v){if(v===undefined)throw amiss;return v;}
function never(){throw amiss;}
function str1(v){if(typeof v!=="string"||v.charCodeAt(0)!==34)throw amiss;return v;}
function str0(v){return v===null||v===undefined?"null":str1(v);}
`;
