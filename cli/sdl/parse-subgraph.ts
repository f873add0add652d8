import { type ASTNode, type DefinitionNode, type DocumentNode, GraphQLError, Kind, Source } from "graphql";
import type { SubgraphSource } from "../source/supergraph-source.ts";
import { parseDocument } from "./parse-document.ts";

/** Where something is written: lines and columns count from 1. */
export interface Place {
  readonly subgraph: string | null;
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export interface ParsedSubgraph {
  readonly name: string;
  readonly url: string;
  readonly document: DocumentNode;
}

/** A file that is not GraphQL. */
export interface SyntaxFault {
  readonly message: string;
  readonly place: Place;
}

/** Source objects know their subgraph: one file may belong to several. */
const subgraphOfSource = new WeakMap<Source, string>();

/** Parses each file on its own, so that every node knows the file and line it stands in. */
export function parseSubgraph({ name, url, files }: SubgraphSource): { parsed: ParsedSubgraph; faults: readonly SyntaxFault[] } {
  const definitions: DefinitionNode[] = [];
  const faults: SyntaxFault[] = [];
  for (const { path, text } of files) {
    const source = new Source(text, path);
    subgraphOfSource.set(source, name);
    try {
      definitions.push(...parseDocument(source).definitions);
    } catch (error) {
      if (!(error instanceof GraphQLError)) throw error;
      const { line, column } = error.locations?.[0] ?? { line: 1, column: 1 };
      faults.push({ message: error.message, place: { subgraph: name, file: path, line, column } });
    }
  }
  return { parsed: { name, url, document: { kind: Kind.DOCUMENT, definitions } }, faults };
}

/** The place of a node that was parsed by `parseSubgraph`; undefined for nodes the composer made itself. */
export function placeOf(node: ASTNode): Place | undefined {
  const { loc } = node;
  if (!loc) return undefined;
  const subgraph = subgraphOfSource.get(loc.source);
  if (subgraph === undefined) return undefined;
  // A description belongs to its definition, but people look for the name.
  const start =
    "name" in node && node.name && "description" in node && node.description
      ? (node.name.loc?.startToken ?? loc.startToken)
      : loc.startToken;
  return { subgraph, file: loc.source.name, line: start.line, column: start.column };
}
