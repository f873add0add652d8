import assert from "node:assert/strict";
import { test } from "node:test";
import { selectsData } from "./selects-data.ts";

test("tells operations that need subgraphs from those of introspection and of fields that are never included", () => {
  for (const document of [
    "{ a }",
    "{ __typename a }",
    "query($x: Boolean!) { a @include(if: $x) }",
    "{ ...F } fragment F on Query { a }",
  ])
    assert.equal(selectsData(document), true, document);
  for (const document of [
    "{ __typename }",
    "{ __schema { types { name } } }",
    "{ a @skip(if: true) }",
    "{ ... @include(if: false) { a } }",
    "{ ...F } fragment F on Query { __typename }",
  ])
    assert.equal(selectsData(document), false, document);
});
