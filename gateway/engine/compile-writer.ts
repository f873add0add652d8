import {
  type FieldNode,
  type GraphQLCompositeType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  getNamedType,
  isInterfaceType,
  isLeafType,
  isNonNullType,
  isObjectType,
  isUnionType,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from "graphql";
import { collectSelections, type SelectionContext } from "./collect-selections.ts";
import type { RequiredLeaves } from "./compile-collector.ts";
import { createLeafWriter } from "./compile-leaf-writer.ts";
import { createValueWriter, type SelectedPlace } from "./compile-value-writer.ts";
import { functionOfCode } from "./function-of-code.ts";
import { createGeneratedCode } from "./generated-code.ts";
import { carriedSources, joinFunctions, joinStatements, partArguments } from "./generated-joins.ts";
import type { LeafRuns } from "./leaf-runs.ts";
import { memoiseEntities, type WrittenFields } from "./memoise-entities.ts";
import { createNumbers } from "./number-objects.ts";
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
  const code = createGeneratedCode();
  const positionNumber = createNumbers();
  const nodeNumber = createNumbers();
  const leafValue = createLeafWriter(code);
  const valueExpression = createValueWriter(code, objectWriter);
  const interfaceNames = new Set<string>(); // that a subgraph may tell for a type

  const placeOf = (position: Position, selectionSets: readonly SelectionSetNode[]): SelectedPlace => ({
    position,
    selectionSets,
    key: `${positionNumber(position)}|${selectionSets.map(nodeNumber).join()}`,
  });

  /** The name of a function that writes the object at a position from its sources that come with the parent. */
  function objectWriter({ position, selectionSets, key }: SelectedPlace, type: GraphQLCompositeType): string {
    return code.functionFor("w", `${key}|${type.name}`, (name) => {
      const body = bodyByType(position, type, selectionSets);
      const fields = isObjectType(type) ? writtenFields(position, type, selectionSets) : undefined;
      const memoised = fields && memoiseEntities(code, fields, requiredLeaves, { name, body });
      return `function ${name}(${partArguments(position)}){${joinStatements(position)}${memoised ?? body}}`;
    });
  }

  function writtenFields(position: Position, type: GraphQLObjectType, selectionSets: readonly SelectionSetNode[]): WrittenFields {
    const leaves: string[] = [];
    const objects: string[] = [];
    for (const [name, [node]] of collectSelections(context, selectionSets, type.name)) {
      if (node?.selectionSet) objects.push(name);
      else if (name !== "__typename") leaves.push(name);
    }
    return { position, typename: type.name, leaves, objects };
  }

  function bodyByType(position: Position, type: GraphQLCompositeType, selectionSets: readonly SelectionSetNode[]): string {
    if (isObjectType(type)) return `return ${fieldsOf(position, type, selectionSets)};`;
    const told = position.sources.flatMap(({ shape }, index) =>
      shape.fields.has("__typename") ? [`s${index}?.$__typename`] : [],
    );
    if (told.length === 0) return "throw amiss;";
    const byText = new Map<string, string[]>();
    if (isInterfaceType(type)) interfaceNames.add(`"${type.name}"`);
    for (const possible of schema.getPossibleTypes(type)) {
      for (const { name } of possible.getInterfaces()) interfaceNames.add(`"${name}"`);
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
    return valueExpression(placeOf(child, selectionSets), type, values);
  }

  const write = objectWriter(placeOf(main.position, [main.selectionSet]), main.type);
  const views = carriedSources(main.position)
    .map((index) => `r[${index}]`)
    .join(",");
  const text = `${runtime}const interfaces=new Set(${JSON.stringify([...interfaceNames])});
${code.text()}
return function(r,tables){t=tables;try{return ${write}(${views});}catch(e){if(e===amiss)return undefined;throw e;}finally{t=undefined;for(const m of memos)m.clear();}};`;
  return functionOfCode<CompiledWriter>(text);
}

/** A source may lack the object, unless it is the only one that can have it. */
function access(position: Position, index: number): string {
  const carried = carriedSources(position);
  return position.parent !== undefined && carried.length === 1 && carried[0] === index ? `s${index}` : `s${index}?`;
}

const runtime = `let t;const amiss={};const memos=[];
${joinFunctions}function typename(...told){let found;for(const text of told){if(typeof text!=="string")continue;if(!interfaces.has(text))return text;found??=text;}return found;}
function last(...values){for(const v of values)if(v!==undefined)return v;return undefined;}
function some(v){if(v===undefined)throw amiss;return v;}
function never(){throw amiss;}
function str1(v){if(typeof v!=="string"||v.charCodeAt(0)!==34)throw amiss;return v;}
function str0(v){return v===null||v===undefined?"null":str1(v);}
`;
