import type { GraphQLFormattedError } from "graphql";
import type { DecodedObject } from "./decoded-data.ts";
import type { JoinTables, View } from "./positions.ts";
import type { FetchStep } from "./program.ts";
import { visitObjects } from "./representations.ts";
import type { Violation } from "./write-response.ts";

type Path = readonly (string | number)[];

const maxPlaces = 20; // of one entity's error: the same entity may stand in every row of a page
const maxErrors = 200; // of one response

/** Says where in the response each error of a subgraph's reply belongs. */
export function locateErrors(
  step: FetchStep,
  errors: readonly GraphQLFormattedError[],
  { indexOf, root, tables }: { indexOf: ReadonlyMap<DecodedObject, number> | undefined; root: View; tables: JoinTables },
): GraphQLFormattedError[] {
  let placesByIndex: Map<number, Path[]> | undefined;
  const placesOf = (index: number): readonly Path[] => {
    placesByIndex ??= findPlaces(step, indexOf ?? new Map(), root, tables);
    return placesByIndex.get(index) ?? [];
  };
  return errors.flatMap((error) => {
    const paths = pathsOf(step, error.path, placesOf);
    return paths.map((path) => ({
      message: error.message,
      ...(path.length > 0 && { path }),
      extensions: { code: "DOWNSTREAM_SERVICE_ERROR", ...error.extensions, service: step.fetch.serviceName },
    }));
  });
}

function pathsOf(
  { path, shape, position }: FetchStep,
  errorPath: Path | undefined,
  placesOf: (index: number) => readonly Path[],
): readonly Path[] {
  const fixed = path.slice(0, path.indexOf("@") < 0 ? path.length : path.indexOf("@"));
  if (shape.isEntities) {
    const index = errorPath?.[1];
    if (typeof index !== "number") return [fixed]; // the whole fetch failed: all below the first list, or the one object
    const rest = errorPath?.slice(2) ?? [];
    const places = placesOf(index);
    return places.length > 0 ? places.map((place) => [...place, ...rest]) : [fixed];
  }
  if (errorPath && errorPath.length > 0) return [[...fixed, ...errorPath]];
  if (position.parent) return [fixed];
  return [...shape.object.fields.keys()].map((name) => [name]); // each field the fetch would have filled
}

/** The paths at which each representation's objects stand. */
function findPlaces(
  step: FetchStep,
  indexOf: ReadonlyMap<DecodedObject, number>,
  root: View,
  tables: JoinTables,
): Map<number, Path[]> {
  const places = new Map<number, Path[]>();
  const path: (string | number)[] = [];
  visitObjects(
    step.position,
    root,
    tables,
    (_, primary) => {
      const index = indexOf.get(primary);
      if (index === undefined) return;
      const known = places.get(index) ?? [];
      if (known.length < maxPlaces) known.push([...path]);
      places.set(index, known);
    },
    path,
  );
  return places;
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
