import { type ASTNode, type ConstDirectiveNode, Kind, print } from "graphql";
import { type ParsedSubgraph, type Place, placeOf } from "./parse-subgraph.ts";

/** One place where a subgraph writes a schema element. */
export interface Definition {
  readonly coordinate: string;
  readonly subgraph: string;
  readonly place: Place;
  readonly directives: readonly ConstDirectiveNode[];
  /** The element without description and children, printed: equal texts mean nothing changed here. */
  readonly text: string;
}

/** Every element the subgraphs write, by schema coordinate (`Type`, `Type.field`, `Type.field(arg:)`, `@directive`). */
export type DefinitionIndex = ReadonlyMap<string, readonly Definition[]>;

/** Indexes the documents of one side. Cost: one walk over all definitions. */
export function indexDefinitions(subgraphs: readonly ParsedSubgraph[]): DefinitionIndex {
  const index = new Map<string, Definition[]>();
  const add = (subgraph: string, coordinate: string, node: ASTNode, children: object): void => {
    const place = placeOf(node);
    if (!place) return;
    const directives = "directives" in node ? (node.directives as readonly ConstDirectiveNode[]) : [];
    const text = print(Object.assign({}, node, children, { description: undefined }));
    const list = index.get(coordinate) ?? [];
    list.push({ coordinate, subgraph, place, directives, text });
    index.set(coordinate, list);
  };
  for (const { name: subgraph, document } of subgraphs) {
    for (const node of document.definitions) {
      switch (node.kind) {
        case Kind.OBJECT_TYPE_DEFINITION:
        case Kind.OBJECT_TYPE_EXTENSION:
        case Kind.INTERFACE_TYPE_DEFINITION:
        case Kind.INTERFACE_TYPE_EXTENSION:
          add(subgraph, node.name.value, node, { fields: [] });
          for (const field of node.fields ?? []) {
            const coordinate = `${node.name.value}.${field.name.value}`;
            add(subgraph, coordinate, field, { arguments: [] });
            for (const argument of field.arguments ?? []) add(subgraph, `${coordinate}(${argument.name.value}:)`, argument, {});
          }
          break;
        case Kind.INPUT_OBJECT_TYPE_DEFINITION:
        case Kind.INPUT_OBJECT_TYPE_EXTENSION:
          add(subgraph, node.name.value, node, { fields: [] });
          for (const field of node.fields ?? []) add(subgraph, `${node.name.value}.${field.name.value}`, field, {});
          break;
        case Kind.ENUM_TYPE_DEFINITION:
        case Kind.ENUM_TYPE_EXTENSION:
          add(subgraph, node.name.value, node, { values: [] });
          for (const value of node.values ?? []) add(subgraph, `${node.name.value}.${value.name.value}`, value, {});
          break;
        case Kind.UNION_TYPE_DEFINITION:
        case Kind.UNION_TYPE_EXTENSION:
        case Kind.SCALAR_TYPE_DEFINITION:
        case Kind.SCALAR_TYPE_EXTENSION:
          add(subgraph, node.name.value, node, {});
          break;
        case Kind.DIRECTIVE_DEFINITION:
          add(subgraph, `@${node.name.value}`, node, {});
          for (const argument of node.arguments ?? [])
            add(subgraph, `@${node.name.value}(${argument.name.value}:)`, argument, {});
          break;
        case Kind.SCHEMA_DEFINITION:
        case Kind.SCHEMA_EXTENSION:
          add(subgraph, "schema", node, {});
          break;
      }
    }
  }
  return index;
}

/** What one edit touched: elements whose text differs between the sides, or that only one side has, per subgraph. */
export interface SourceChange {
  readonly coordinate: string;
  readonly subgraph: string;
  readonly kind: "added" | "removed" | "changed";
  readonly base: Definition | undefined;
  readonly head: Definition | undefined;
}

/** Every source change, by coordinate, in an order that does not depend on files. */
export function compareDefinitions(base: DefinitionIndex, head: DefinitionIndex): readonly SourceChange[] {
  const changes: SourceChange[] = [];
  for (const coordinate of new Set([...base.keys(), ...head.keys()])) {
    const before = bySubgraph(base.get(coordinate) ?? []);
    const after = bySubgraph(head.get(coordinate) ?? []);
    for (const subgraph of new Set([...before.keys(), ...after.keys()])) {
      const old = before.get(subgraph);
      const now = after.get(subgraph);
      if (old && now && old.text === now.text) continue;
      changes.push({
        coordinate,
        subgraph,
        kind: !old ? "added" : !now ? "removed" : "changed",
        base: old?.definition,
        head: now?.definition,
      });
    }
  }
  return changes.sort((a, b) => compareText(a.coordinate, b.coordinate) || compareText(a.subgraph, b.subgraph));
}

/** A type may be written in several blocks: their texts together are its text. */
function bySubgraph(definitions: readonly Definition[]): Map<string, { definition: Definition; text: string }> {
  const found = new Map<string, { definition: Definition; text: string }>();
  for (const subgraph of new Set(definitions.map((definition) => definition.subgraph))) {
    const own = definitions.filter((definition) => definition.subgraph === subgraph);
    found.set(subgraph, {
      definition: own[0]!,
      text: own
        .map(({ text }) => text)
        .sort()
        .join("\n"),
    });
  }
  return found;
}

/** Byte order: the same on every machine, whatever its locale. */
export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
