import { createRandom } from "./random-operation.ts";

const imports = '["@key", "@shareable", "@external", "@provides", "@requires", "@inaccessible", "@interfaceObject", "@override"]';
const header = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ${imports})\n`;

interface Field {
  readonly name: string;
  readonly args: string;
  readonly type: string;
  /** By subgraph that has the field, its directives there. */
  readonly owners: Map<number, string>;
}

interface Entity {
  readonly name: string;
  /** By subgraph, the keys it knows the entity by. */
  readonly keys: ReadonlyMap<number, readonly string[]>;
  readonly fields: Field[];
  readonly isNode: boolean;
}

/** Fields that keys are made of, with their types. */
const keyTypes: Readonly<Record<string, string>> = { id: "id: ID!", "ka kb": "ka: String! kb: ID!", "org { code }": "org: Org!" };
const leafTypes = ["String", "Int", "Float!", "Boolean", "ID", "Color", "Json", "[String!]", "[[Int]]", "[[Color!]!]", "String!"];
const argumentLists = ["(first: Int = 3)", "(color: Color)", "(filter: Filter)", "(tags: [String!], deep: Boolean! = true)"];

/**
 * Subgraphs that were made up: entities of several keys, shared value types, interfaces, unions, an interface that
 * another subgraph has as an object, required, provided, overridden and hidden fields. Nearly always they compose.
 */
export function randomSubgraphs(seed: number): Readonly<Record<string, string>> {
  const random = createRandom(seed);
  const chance = (probability: number): boolean => random() < probability;
  const number = (limit: number): number => Math.floor(random() * limit);
  const pick = <T>(items: readonly T[]): T => items[number(items.length)]!;
  const count = 2 + number(3);
  const all = Array.from({ length: count }, (_, index) => index);
  const hasFamily = chance(0.5);
  const familyHome = number(count);
  const entities = Array.from({ length: 2 + number(3) }, (_, index) => makeEntity(index));

  function makeEntity(index: number): Entity {
    const known = ["id", ...Object.keys(keyTypes).filter((key) => key !== "id" && chance(0.4))];
    const home = number(count); // knows all keys, so that there is a way between any two subgraphs
    const keys = new Map<number, readonly string[]>();
    for (const subgraph of all) {
      if (subgraph === home) keys.set(subgraph, known);
      else if (chance(0.7)) {
        const some = known.filter(() => chance(0.5));
        keys.set(subgraph, some.length > 0 ? some : [pick(known)]);
      }
    }
    // Implementers of Node have its fields wherever they are.
    return { name: `E${index}`, keys, fields: [], isNode: index < 2 && [...keys.values()].every((each) => each.includes("id")) };
  }

  const knows = (entity: Entity, subgraph: number): boolean => entity.keys.has(subgraph);
  const knownTo = (subgraph: number): Entity[] => entities.filter((entity) => knows(entity, subgraph));

  /** A type that all these subgraphs have. */
  function composite(subgraphs: readonly number[]): string {
    const options = [
      "Value",
      "Either",
      "Node",
      ...(hasFamily && subgraphs.every((each) => each === familyHome) ? ["Family", "Member0"] : []),
    ];
    for (const entity of entities) if (subgraphs.every((each) => knows(entity, each))) options.push(entity.name, entity.name);
    const usable = options.filter(
      (name) => name !== "Node" || entities.some((entity) => entity.isNode && subgraphs.every((each) => knows(entity, each))),
    );
    return pick(usable);
  }
  const wrapped = (name: string): string => pick([name, name, `${name}!`, `[${name}]`, `[${name}!]!`, `[[${name}]!]`]);
  const nullable = (type: string): string => type.replace(/!$/, "");

  function addFields(name: string, homes: readonly number[], fields: Field[], prefix: string): void {
    for (let index = 0; index < 2 + number(4); index++) {
      const first = pick(homes);
      const others = homes.filter((home) => home !== first && chance(0.2));
      const isLeaf = chance(0.5);
      const subgraphs = [first, ...others];
      const type = isLeaf ? pick(leafTypes) : wrapped(composite(subgraphs));
      const args = chance(0.2) ? pick(argumentLists) : "";
      const owners = new Map<number, string>();
      for (const owner of subgraphs) owners.set(owner, subgraphs.length > 1 ? " @shareable" : "");
      const field: Field = { name: `${prefix}${index}`, args, type, owners };
      const [from, to] = [first, homes.find((home) => home !== first && !owners.has(home))];
      if (others.length === 0 && to !== undefined && chance(0.2) && (isLeaf || knowsAll(type, to))) {
        owners.set(to, ` @override(from: "s${from}"${chance(0.4) ? ', label: "percent(50)"' : ""})`);
      } else if (chance(0.06) && args === "") owners.set(first, `${owners.get(first)} @inaccessible`);
      fields.push(field);
    }
    addRequired(name, homes, fields, prefix);
  }

  const knowsAll = (type: string, subgraph: number): boolean => {
    const named = /\w+/.exec(type)?.[0];
    if (named === "Value" || named === "Either") return true;
    return entities.some((entity) => entity.name === named && knows(entity, subgraph));
  };

  /** A field that needs others of the same entity, which other subgraphs have. */
  function addRequired(name: string, homes: readonly number[], fields: Field[], prefix: string): void {
    if (name === "Query" || !chance(0.6)) return;
    const subgraph = pick(homes);
    const foreign = fields.filter(
      ({ owners, args, type }) => !owners.has(subgraph) && args === "" && (leafTypes.includes(type) || /^\[?Value/.test(type)),
    );
    const needed = foreign.filter(() => chance(0.6)).slice(0, 2);
    if (needed.length === 0) return;
    for (const { owners } of needed) owners.set(subgraph, " @external");
    const set = needed.map(({ name: each, type }) => (/Value/.test(type) ? `${each} { size color }` : each)).join(" ");
    fields.push({
      name: `${prefix}Req`,
      args: "",
      type: pick(["String", "String", "Int"]),
      owners: new Map([[subgraph, ` @requires(fields: "${set}")`]]),
    });
  }

  for (const entity of entities) addFields(entity.name, [...entity.keys.keys()], entity.fields, `${entity.name.toLowerCase()}f`);
  const queries: Field[] = [];
  addFields("Query", all, queries, "q");
  addFields("Query", all, queries, "r");
  for (const [index, entity] of entities.entries()) {
    const home = pick([...entity.keys.keys()]);
    queries.push({ name: `all${index}`, args: "", type: `[${entity.name}${pick(["", "!"])}]`, owners: new Map([[home, ""]]) });
  }
  if (hasFamily) queries.push({ name: "families", args: "", type: "[Family]", owners: new Map([[familyHome, ""]]) });
  const familyGuest = hasFamily ? pick(all.filter((each) => each !== familyHome)) : -1;
  if (hasFamily && chance(0.5))
    queries.push({ name: "guests", args: "", type: "[Family!]", owners: new Map([[familyGuest, ""]]) });

  /** Sometimes what a field leads to brings fields of another subgraph along. */
  function provided(field: Field, subgraph: number): string {
    const target = entities.find(({ name }) => name === /\w+/.exec(field.type)?.[0]);
    if (!target || !chance(0.3)) return "";
    const isPlain = (directives: string): boolean => directives === "" || directives === " @shareable";
    const name = target.fields.find(
      ({ owners, args, type }) =>
        !owners.has(subgraph) && args === "" && leafTypes.includes(type) && [...owners.values()].every(isPlain),
    );
    if (!name) return "";
    for (const owner of name.owners.keys()) name.owners.set(owner, " @shareable");
    name.owners.set(subgraph, " @external");
    return ` @provides(fields: "${name.name}")`;
  }

  const provides = new Map<string, string>();
  for (const field of [...queries, ...entities.flatMap((entity) => entity.fields)]) {
    for (const [owner, directives] of field.owners) {
      if (directives === "" && field.owners.size === 1) provides.set(`${owner}.${field.name}`, provided(field, owner));
    }
  }

  const fieldText = (field: Field, subgraph: number): string => {
    const directives = field.owners.get(subgraph);
    if (directives === undefined) return "";
    // Of a shared field one subgraph may promise less than another.
    const isExternal = [...field.owners.values()].includes(" @external"); // must be of the very same type
    const type = directives.includes("@shareable") && subgraph % 2 === 1 && !isExternal ? nullable(field.type) : field.type;
    return `  ${field.name}${field.args}: ${type}${directives}${provides.get(`${subgraph}.${field.name}`) ?? ""}\n`;
  };

  const entityText = (entity: Entity, subgraph: number): string => {
    const keys = entity.keys.get(subgraph) ?? [];
    const fields = new Set(keys.map((key) => keyTypes[key]!));
    const common = entity.isNode ? `  common: String @shareable\n` : "";
    const id = entity.isNode && !keys.includes("id") ? "  id: ID!\n" : "";
    return `type ${entity.name}${entity.isNode ? " implements Node" : ""} ${keys.map((key) => `@key(fields: "${key}")`).join(" ")} {
  ${[...fields].join(" ")}\n${id}${common}${entity.fields.map((field) => fieldText(field, subgraph)).join("")}}\n`;
  };

  const familyText = (subgraph: number): string => {
    if (!hasFamily) return "";
    if (subgraph === familyGuest) {
      return `type Family @key(fields: "id") @interfaceObject { id: ID! guest: String friend: Value seen: [Int!] }\n`;
    }
    if (subgraph !== familyHome) return "";
    const members = ["Member0", "Member1"].map(
      (name, index) =>
        `type ${name} implements Family @key(fields: "id") { id: ID! title: String own${index}: Int${index === 0 ? "!" : ""} }\n`,
    );
    return `interface Family @key(fields: "id") { id: ID! title: String }\n${members.join("")}`;
  };

  const text = (subgraph: number): string => {
    const nodes = knownTo(subgraph).filter(({ isNode }) => isNode);
    const members = [
      "Value",
      ...knownTo(subgraph)
        .filter(() => chance(0.7))
        .map(({ name }) => name),
    ];
    const query = queries.map((field) => fieldText(field, subgraph)).join("");
    return `${header}scalar Json
enum Color { RED GREEN BLUE }
input Filter { min: Int = 1 color: Color names: [String!] nested: Filter }
type Org @shareable { code: String! }
type Value @shareable { size: Int! color: Color text(upper: Boolean = false): String inner: Inner inners: [Inner!]! }
type Inner @shareable { note: String any: Json grid: [[Float!]] }
union Either = ${members.join(" | ")}
${nodes.length > 0 ? "interface Node { id: ID! common: String }\n" : ""}${query === "" ? "" : `type Query {\n${query}}\n`}type Mutation { change${subgraph}(n: Int, filter: Filter): ${knownTo(subgraph)[0]?.name ?? "Value"} }
${subgraph === 0 ? `type Subscription { changed(n: Int!): ${knownTo(subgraph)[0]?.name ?? "Value"} }\n` : ""}${knownTo(subgraph)
  .map((entity) => entityText(entity, subgraph))
  .join("")}${familyText(subgraph)}`;
  };
  return Object.fromEntries(all.map((subgraph) => [`s${subgraph}`, text(subgraph)]));
}
