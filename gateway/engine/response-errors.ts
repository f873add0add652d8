import type { GraphQLFormattedError } from "graphql";
import type { DecodedObject } from "./decoded-data.ts";
import type { EntityIndex } from "./entity-index.ts";
import { isNestedDeeper, maxLeafDepth } from "./nesting.ts";
import { indexOfParts } from "./positions.ts";
import type { FetchStep, Join, Place } from "./program.ts";
import type { DataRewrite } from "./query-plan.ts";
import { type Answered, visitObjects } from "./representations.ts";
import type { Violation } from "./write-response.ts";

type Path = readonly (string | number)[];

const maxPlaces = 20; // of one entity's error: the same entity may stand in every row of a page
const maxErrors = 200; // of one response, and of one reply
const maxPathLength = 100; // far more than operations are deep

/** A reply whose data has not the shape that was asked for. */
export const invalidReply: GraphQLFormattedError = {
  message: "A service answered in a wrong shape.",
  extensions: { reason: "INVALID_REPLY" },
};

/** A plan that does not fetch what a context is: the fields that need it are left out. */
export const missingContext: GraphQLFormattedError = {
  message: "A value that a field depends on was not fetched.",
  extensions: { reason: "MISSING_CONTEXT" },
};

/** Says where in the response each error of a subgraph's reply belongs. `indexOf` has for each join the entity of each object. */
export function locateErrors(
  step: FetchStep,
  errors: readonly GraphQLFormattedError[],
  indexOf: readonly EntityIndex[],
  answered: Answered,
): GraphQLFormattedError[] {
  const placesOf = step.joins.map((join, index) => lazy(() => findPlaces(join, indexOf[index] ?? new Map(), answered)));
  return errors
    .slice(0, maxErrors)
    .map(readError)
    .flatMap((error) =>
      pathsOf(step, error.path, (join, entity) => placesOf[join]?.().get(entity) ?? []).map((path) => ({
        message: error.message,
        ...(path.length > 0 && { path }),
        extensions: { code: "DOWNSTREAM_SERVICE_ERROR", ...error.extensions, service: step.serviceName },
      })),
    );
}

/** An error as a subgraph may write it: only its message is known to be there. */
function readError({ message, path, extensions }: GraphQLFormattedError): GraphQLFormattedError {
  const isPath =
    Array.isArray(path) &&
    path.length <= maxPathLength &&
    path.every((each) => typeof each === "string" || Number.isInteger(each));
  const isObject = typeof extensions === "object" && extensions !== null && !Array.isArray(extensions);
  return {
    message: String(message),
    ...(isPath && { path }),
    ...(isObject && !isNestedDeeper(extensions, maxLeafDepth) && { extensions }),
  };
}

function pathsOf(
  { parts, joins, shape }: FetchStep,
  errorPath: Path | undefined,
  placesOf: (join: number, entity: number) => readonly Path[],
): readonly Path[] {
  const [first, entity, ...rest] = errorPath ?? [];
  const part = parts.findIndex(({ list }) => list === first);
  if (part >= 0 && typeof entity === "number") {
    const places = joins.flatMap((join, index) => (join.part === part ? placesOf(index, entity) : []));
    const below = renamePath(rest, parts[part]!.outputRewrites);
    if (places.length > 0) return places.map((place) => [...place, ...below]);
  }
  if (!shape.root) return joins.map(fixedPath); // the whole fetch failed: all below the first list, or the one object
  const place = joins[0] ? fixedPath(joins[0]) : [];
  if (errorPath && errorPath.length > 0) return [[...place, ...renamePath(errorPath, parts[0]?.outputRewrites ?? [])]];
  return place.length > 0 ? [place] : [...shape.root.fields.keys()].map((name) => [name]); // each field it would have filled
}

/** A path of a reply as it is after the fields of the reply were renamed. */
function renamePath(path: Path, rewrites: readonly DataRewrite[]): Path {
  let renamed = path;
  for (const rewrite of rewrites) {
    if (rewrite.kind !== "KeyRenamer") continue;
    const names = rewrite.path.filter((element) => !element.startsWith("... on "));
    const places = renamed.flatMap((element, index) => (typeof element === "string" ? [index] : [])).slice(0, names.length);
    const last = places.at(-1);
    if (last === undefined || places.length < names.length || places.some((place, index) => renamed[place] !== names[index]))
      continue;
    renamed = renamed.with(last, rewrite.renameKeyTo);
  }
  return renamed;
}

/** The way to a place as far as it is the same for all its objects. */
function fixedPath({ path }: Place): Path {
  const end = path.findIndex((element) => element === "@" || element.startsWith("|["));
  return end < 0 ? path : path.slice(0, end);
}

/** The paths at which the objects of each entity stand. */
function findPlaces(join: Join, indexOf: EntityIndex, answered: Answered): Map<number, Path[]> {
  const places = new Map<number, Path[]>();
  const path: (string | number)[] = [];
  const visit = (_: unknown, parts: readonly DecodedObject[]): void => {
    const index = indexOfParts(indexOf, parts);
    if (index === undefined) return;
    const known = places.get(index) ?? [];
    if (known.length < maxPlaces) known.push([...path]);
    places.set(index, known);
  };
  visitObjects(join, answered, visit, path);
  return places;
}

function lazy<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/** Violations become errors where no subgraph's error explains the null. */
export function withViolations(
  errors: readonly GraphQLFormattedError[],
  violations: readonly Violation[],
): GraphQLFormattedError[] {
  const unexplained = violations.filter(({ path }) => !errors.some((error) => explains(error.path, path)));
  return [
    ...errors,
    ...unexplained.map(({ message, path }) => ({
      message,
      path,
      extensions: { code: "DOWNSTREAM_SERVICE_ERROR", reason: "INVALID_VALUE" },
    })),
  ].slice(0, maxErrors);
}

/** An error explains the nulls below it and those it propagated to. */
const explains = (errorPath: Path | undefined, path: Path): boolean =>
  errorPath === undefined || errorPath.every((element, index) => index >= path.length || element === path[index]);
