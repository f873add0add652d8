import assert from "node:assert/strict";
import { test } from "node:test";
import { Kind, type OperationDefinitionNode, parse } from "graphql";
import type { DeferredFragment, DeferredOperation } from "./executor.ts";
import { errorsAt, partOfError } from "./part-errors.ts";

function deferredOperation(document: string, deferred: readonly { readonly names: readonly string[]; readonly text: string }[]) {
  const { definitions } = parse(document);
  const operation = definitions[0] as OperationDefinitionNode;
  const fragments = new Map(
    definitions.flatMap((each) => (each.kind === Kind.FRAGMENT_DEFINITION ? [[each.name.value, each]] : [])),
  );
  const parts = deferred.map(({ names, text }) => {
    const { selectionSet } = parse(text).definitions[0] as OperationDefinitionNode;
    return { names, selectionSet } as unknown as DeferredFragment;
  });
  return { deferred: parts, record: { operation, fragments, deferred: parts } as unknown as DeferredOperation };
}

test("gives an error to the part that selects its field, also through fragments and aliases", () => {
  const { deferred, record } = deferredOperation("{ a { b ...F } } fragment F on A { ... { c: d { e } } }", [
    { names: ["a"], text: "{ late { x } }" },
    { names: ["a", "c"], text: "{ later }" },
  ]);
  const [late, later] = deferred;
  const partOf = (...path: (string | number)[]) => partOfError({ message: "m", path }, undefined, record);
  assert.equal(partOf("a", 0, "b"), undefined);
  assert.equal(partOf("a", "c", 1, "e"), undefined);
  assert.equal(partOf("a", "late", "x"), late);
  assert.equal(partOf("a", "c", "later"), later);
  assert.equal(partOf("a", "nowhere"), undefined);
  assert.equal(partOfError({ message: "m", path: ["a", "b"] }, late, record), late); // no other deferred part has it
  assert.equal(partOfError({ message: "m" }, later, record), later);
});

test("keeps of a part's errors those at its object, and puts those above it there", () => {
  const at = (...path: (string | number)[]) => ({ message: path.join("."), path });
  assert.deepEqual(errorsAt([at("a", 0, "x"), at("a", 1, "x"), at("a"), { message: "whole" }], ["a", 0]), [
    at("a", 0, "x"),
    { message: "a", path: ["a", 0] },
    { message: "whole", path: ["a", 0] },
  ]);
});
