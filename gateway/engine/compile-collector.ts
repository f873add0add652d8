import { type GraphQLSchema, isObjectType } from "graphql";
import type { DecodedObject } from "./decoded-data.ts";
import { createOrdinalIndex, type EntityIndex } from "./entity-index.ts";
import { functionOfCode } from "./function-of-code.ts";
import { carriedSources, indexCode, joinFunctions, joinStatements, partArguments } from "./generated-joins.ts";
import { type JoinTables, latestTypename, type Position, type View } from "./positions.ts";
import type { Join } from "./program.ts";
import type { PlanSelection } from "./query-plan.ts";
import { addRepresentation, createProjector, type RepresentationTexts, typenameAt } from "./representations.ts";
import { isOfType } from "./type-conditions.ts";

/** Collects the representations of one join; see `collectRepresentations`, which is the plain version. */
export type Collector = (root: View, tables: JoinTables, texts: RepresentationTexts) => EntityIndex;

type Walk = (
  root: View,
  tables: JoinTables,
  add: (view: View) => number,
  passes: (depth: number, view: View) => boolean,
) => number[] & Map<DecodedObject, number>;

/** The leaves in the representations of a join for objects of a type. */
export type RequiredLeaves = (table: number, typename: string) => ReadonlySet<string>;

/**
 * Compiles the walk to the objects of a join and the text of their representations (bench/engine). Where a
 * representation is more than leaves of known places, the plain projector makes it.
 */
export function compileCollector(join: Join, schema: GraphQLSchema, requiredLeaves: RequiredLeaves): Collector {
  const way: Position[] = [];
  for (let at = join.position; at.parent; at = at.parent) way.unshift(at);
  const root = way[0]?.parent ?? join.position;
  const functions: string[] = [];
  // All objects of one source are of one reply; with several, ordinals of different replies would meet.
  const isOrdinal = join.position.parent !== undefined && carriedSources(join.position).length === 1;
  const put = isOrdinal
    ? "function seen(p){return p===undefined||slots[p.ordinal]>=0;}function put(i,p){const n=p.ordinal;if(n<slots.length){slots[n]=i;return;}while(slots.length<n)slots.push(-1);slots.push(i);}"
    : `function seen(...parts){const first=parts.find((p)=>p!==undefined);if(first===undefined)return true;const i=slots.get(first);if(i===undefined)return false;put(i,...parts);return true;}
function put(i,...parts){if(i>=0)for(const p of parts)if(p!==undefined&&!slots.has(p))slots.set(p,i);}`;

  /** A function that goes on from an object at depth `depth` of the way; depth -1 is the root. */
  function objectFunction(depth: number): string {
    const position = depth < 0 ? root : way[depth]!;
    const next = way[depth + 1];
    const view = `[${position.sources.map((_, index) => `s${index}`).join(",")}]`;
    const guard = join.guards[depth + 1] ? `if(!passes(${depth + 1},${view}))return;` : "";
    const body = next ? descend(position, next, depth + 1) : takeObject(join, view, schema, requiredLeaves);
    const seen = next ? "" : `if(seen(${partArguments(position)}))return;`;
    functions.push(`function o${depth + 1}(${partArguments(position)}){${seen}${joinStatements(position)}${guard}${body}}`);
    return `o${depth + 1}`;
  }

  function descend(position: Position, next: Position, depth: number): string {
    const values = carriedSources(next).map((index) => `s${next.sources[index]!.parent}?.$${next.name}`);
    return values.length === 0 || position.sources.length === 0 ? "" : `v${depth}(${values.join(",")});`;
  }

  function valueFunction(depth: number): void {
    const list = partArguments(way[depth]!).split(",");
    const elements = list.map((name) => (list.length === 1 ? `${name}[i]` : `${name}?.[i]`)).join(",");
    const hide = list.map(
      (name, index) =>
        `if(${name}===null){${list
          .slice(0, index)
          .map((each) => `${each}=undefined;`)
          .join("")}${name}=undefined;}`,
    );
    functions.push(`function v${depth}(${list.join(",")}){${hide.join("")}const f=${list.join("??")};if(f===undefined||typeof f!=="object")return;
if(Array.isArray(f)){for(let i=0;i<f.length;i++)v${depth}(${elements});}else o${depth + 1}(${list.join(",")});}`);
  }

  for (let depth = -1; depth < way.length; depth++) objectFunction(depth);
  for (let depth = 0; depth < way.length; depth++) if (carriedSources(way[depth]!).length > 0) valueFunction(depth);
  const rootValues = root.sources.map((_, index) => `r[${index}]`).join(",");
  const code = `let t,slots,first,passes,byLeaf,byEntity;${joinFunctions}${put}
${functions.join("\n")}
return function(r,tables,add,guard){t=tables;slots=${isOrdinal ? "[]" : "new Map()"};first=add;passes=guard;byLeaf=new Map();byEntity=[];try{o0(${rootValues});return slots;}finally{t=slots=first=passes=byLeaf=byEntity=undefined;}};`;
  const passes = (depth: number, view: View): boolean =>
    join.guards[depth]?.(typenameAt(depth === 0 ? root : way[depth - 1]!, view, schema)) ?? true;
  const walk = functionOfCode<Walk>(code);
  const project = compileProjector(join, schema);

  return (rootView, tables, texts) => {
    const found = walk(rootView, tables, (view) => addRepresentation(project(view, tables), texts), passes);
    return isOrdinal ? createOrdinalIndex(found) : found;
  };
}

/**
 * Code that puts the number of one object's representation into the index. Where something cheap decides the whole
 * representation (the entity that brought the leaves, or the only leaf) its text is made for the first object of each.
 */
function takeObject(join: Join, view: string, schema: GraphQLSchema, requiredLeaves: RequiredLeaves): string {
  const parts = partArguments(join.position);
  const every = `put(first(${view}),${parts});`;
  const { type, sources } = join.position;
  const leaves = new Set<string>();
  if (!isObjectType(type) || !collectLeaves(join.requires, type.name, schema, leaves)) return every;
  leaves.delete("__typename");
  const sourcesOf = (name: string): number[] => sources.flatMap(({ shape }, index) => (shape.fields.has(name) ? [index] : []));
  const deciding = sources.findIndex(({ parent, table, shape }, index) => {
    // One that brings a leaf was asked before.
    if (parent >= 0 || table >= join.table || ![...leaves].some((name) => shape.fields.has(name))) return false;
    const known = requiredLeaves(table, type.name);
    return [...leaves].every((name) =>
      sourcesOf(name).every((source) => source === index || (sources[source]!.parent >= 0 && known.has(name))),
    );
  });
  if (deciding >= 0) {
    return `if(s${deciding}!==undefined){const e=${indexCode(sources[deciding]!.table, join.position)};let i=byEntity[e];if(i===undefined){i=first(${view});byEntity[e]=i;}put(i,${parts});}else ${every}`;
  }
  const [only, ...others] = leaves;
  const [source, ...more] = only === undefined ? [] : sourcesOf(only);
  if (source === undefined || others.length > 0 || more.length > 0) return every;
  return `const k=s${source}?.$${only};if(typeof k==="string"){let i=byLeaf.get(k);if(i===undefined){i=first(${view});byLeaf.set(k,i);}put(i,${parts});}else ${every}`;
}

type Projector = (view: View, tables: JoinTables) => string | undefined;
type CompiledProjector = (view: View, tables: JoinTables, plain: Projector) => string | undefined;

/** One text builder for each type met. The plain projector stands in where an input is missing or is an object. */
function compileProjector(join: Join, schema: GraphQLSchema): Projector {
  const { position, requires, inputRewrites } = join;
  const plain = createProjector(join, schema);
  const byTypename = new Map<string, CompiledProjector>();
  const fixedType = isObjectType(position.type) ? position.type.name : undefined;
  return (view, tables) => {
    const typename = fixedType ?? latestTypename(view, schema);
    if (typename === undefined) return undefined;
    let project = byTypename.get(typename);
    if (!project) {
      if (!schema.getType(typename)) return undefined; // whatever a subgraph calls it: no condition names it
      project = compileForType(typename) ?? plain;
      byTypename.set(typename, project);
    }
    return project(view, tables, plain);
  };

  function compileForType(typename: string): CompiledProjector | undefined {
    if (inputRewrites.some((rewrite) => !isTypenameSetter(rewrite.path, rewrite.kind))) return undefined;
    const fields = new Set<string>();
    if (!collectLeaves(requires, typename, schema, fields) || !fields.has("__typename")) return undefined;
    const parts: string[] = [];
    let before = "{";
    let index = 0;
    const reads: string[] = [];
    for (const name of fields) {
      const head = `${before}${JSON.stringify(name)}:`;
      before = ",";
      if (name === "__typename") {
        parts.push(JSON.stringify(head + JSON.stringify(rewrittenTypename(typename))));
        continue;
      }
      const sources = position.sources.flatMap(({ shape }, source) => (shape.fields.has(name) ? [`v[${source}]?.$${name}`] : []));
      if (sources.length === 0) return undefined;
      const read = sources.length === 1 ? sources[0] : `last(${sources.reverse().join(",")})`;
      reads.push(
        `let f${index}=${read};if(f${index}===null)f${index}="null";else if(typeof f${index}!=="string")return plain(v,t);`,
      );
      parts.push(JSON.stringify(head), `f${index}`);
      index++;
    }
    const code = `function last(...values){for(const v of values)if(v!==undefined)return v;return undefined;}
return function(v,t,plain){${reads.join("")}return ${parts.join("+")}+"}";};`;
    return functionOfCode<CompiledProjector>(code);
  }

  function rewrittenTypename(typename: string): string {
    let name = typename;
    for (const rewrite of inputRewrites) {
      const condition = rewrite.path.length === 2 ? rewrite.path[0]!.slice("... on ".length) : undefined;
      if (rewrite.kind !== "ValueSetter" || (condition !== undefined && !isOfType(schema, name, condition))) continue;
      name = String(rewrite.setValueTo);
    }
    return name;
  }
}

const isTypenameSetter = (path: readonly string[], kind: string): boolean =>
  kind === "ValueSetter" &&
  path.at(-1) === "__typename" &&
  path.length <= 2 &&
  (path.length === 1 || path[0]!.startsWith("... on "));

/** The names of the leaves required of a type; false when an object is among them. */
export function collectLeaves(
  selections: readonly PlanSelection[],
  typename: string,
  schema: GraphQLSchema,
  names: Set<string>,
): boolean {
  return selections.every((selection) => {
    if (selection.kind === "Field") {
      names.add(selection.alias ?? selection.name);
      return selection.selections === undefined || selection.selections.length === 0;
    }
    if (selection.typeCondition !== undefined && !isOfType(schema, typename, selection.typeCondition)) return true;
    return collectLeaves(selection.selections, typename, schema, names);
  });
}
