import { type GraphQLSchema, isObjectType } from "graphql";
import type { DecodedObject } from "./decoded-data.ts";
import { type JoinTables, latest, latestTypename, type Position, type View } from "./positions.ts";
import type { Join } from "./program.ts";
import type { PlanSelection } from "./query-plan.ts";
import { addRepresentation, createProjector, type RepresentationTexts, typenameAt } from "./representations.ts";
import { isOfType } from "./type-conditions.ts";

/** Collects the representations of one join; see `collectRepresentations`, which is the plain version. */
export type Collector = (root: View, tables: JoinTables, texts: RepresentationTexts) => ReadonlyMap<DecodedObject, number>;

/**
 * Compiles the walk to the objects of a join and the text of their representations (bench/engine). Where a
 * representation is more than leaves of known places, the plain projector makes it.
 */
export function compileCollector(join: Join, schema: GraphQLSchema): Collector {
  const way: Position[] = [];
  for (let at = join.position; at.parent; at = at.parent) way.unshift(at);
  const root = way[0]?.parent ?? join.position;
  const functions: string[] = [];

  const names = (position: Position): string[] => position.sources.map((_, index) => `s${index}`);
  /** Sources a fetch of this step's predecessors can have filled when it runs. */
  const carried = (position: Position): number[] =>
    position.sources.flatMap(({ parent }, index) => (parent >= 0 || !position.parent ? [index] : []));
  const parameters = (position: Position): string =>
    carried(position)
      .map((index) => `s${index}`)
      .join(",");

  /** A function that goes on from an object at depth `depth` of the way; depth -1 is the root. */
  function objectFunction(depth: number): string {
    const position = depth < 0 ? root : way[depth]!;
    const next = way[depth + 1];
    const primary = carried(position)
      .map((index) => `s${index}`)
      .join("??");
    const joined = position.sources.map(({ parent, table: from }, index) =>
      parent < 0 && position.parent ? `const s${index}=join(${from},p);` : "",
    );
    const body = next ? descend(position, next, depth + 1) : `take(p,[${names(position).join(",")}]);`;
    const seen = next ? "" : "if(indexOf.has(p))return;";
    functions.push(
      `function o${depth + 1}(${parameters(position)}){const p=${primary || "undefined"};${seen}${joined.join("")}${body}}`,
    );
    return `o${depth + 1}`;
  }

  function descend(position: Position, next: Position, depth: number): string {
    const values = carried(next).map((index) => `s${next.sources[index]!.parent}?.$${next.name}`);
    return values.length === 0 || position.sources.length === 0 ? "" : `v${depth}(${values.join(",")});`;
  }

  function valueFunction(depth: number): void {
    const list = parameters(way[depth]!).split(",");
    const elements = list.map((name) => `${name}?.[i]`).join(",");
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
  for (let depth = 0; depth < way.length; depth++) if (carried(way[depth]!).length > 0) valueFunction(depth);
  const rootValues = root.sources.map((_, index) => `r[${index}]`).join(",");
  const code = `let t,indexOf,take;function join(table,p){const j=t[table];if(j===undefined)return undefined;const i=j.indexOf.get(p);return i===undefined?undefined:j.entities[i];}
${functions.join("\n")}
return function(r,tables,index,visit){t=tables;indexOf=index;take=visit;try{o0(${rootValues});}finally{t=indexOf=take=undefined;}};`;
  const passes = (depth: number, view: View): boolean =>
    join.guards[depth]?.(typenameAt(depth === 0 ? root : way[depth - 1]!, view, schema)) ?? true;
  const walk = new Function("passes", code)(passes) as (
    root: View,
    tables: JoinTables,
    indexOf: Map<DecodedObject, number>,
    take: (primary: DecodedObject, view: View) => void,
  ) => void;
  const project = compileProjector(join, schema);
  const keyOf = compileOnlyLeaf(join, schema);

  return (rootView, tables, texts) => {
    const indexOf = new Map<DecodedObject, number>();
    const indexOfKey = new Map<string, number>();
    walk(rootView, tables, indexOf, (primary, view) => {
      // Objects with the same key have the same representation: its text is made for the first of them.
      const key = keyOf?.(view);
      const known = typeof key === "string" ? indexOfKey.get(key) : undefined;
      if (known !== undefined) {
        indexOf.set(primary, known);
        return;
      }
      addRepresentation(project(view, tables), primary, texts, indexOf);
      const index = indexOf.get(primary);
      if (typeof key === "string" && index !== undefined) indexOfKey.set(key, index);
    });
    return indexOf;
  };
}

/** Reads the one leaf that representations of a join differ in; undefined where there are several, or several types. */
function compileOnlyLeaf({ position, requires }: Join, schema: GraphQLSchema): ((view: View) => unknown) | undefined {
  if (!isObjectType(position.type)) return undefined;
  const names = new Set<string>();
  if (!collectLeaves(requires, position.type.name, schema, names)) return undefined;
  names.delete("__typename");
  const [name, ...others] = names;
  if (name === undefined || others.length > 0) return undefined;
  const sources = position.sources.flatMap(({ shape }, source) => (shape.fields.has(name) ? [source] : []));
  const [only, ...more] = sources;
  if (only === undefined || more.length > 0) return (view) => latest(view, `$${name}`);
  return new Function("v", `return v[${only}]?.$${name};`) as (view: View) => unknown;
}

type Projector = (view: View, tables: JoinTables) => string | undefined;

/** One text builder for each type met. The plain projector stands in where an input is missing or is an object. */
function compileProjector(join: Join, schema: GraphQLSchema): Projector {
  const { position, requires, inputRewrites } = join;
  const plain = createProjector(join, schema);
  const byTypename = new Map<string, Projector>();
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
    return project(view, tables);
  };

  function compileForType(typename: string): Projector | undefined {
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
return function(v,t){${reads.join("")}return ${parts.join("+")}+"}";};`;
    return new Function("plain", code)(plain) as Projector;
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
