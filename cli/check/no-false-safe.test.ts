import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { buildSchema, type GraphQLSchema, isAbstractType, parse, validate, validateSchema } from "graphql";
import { diffSchemas } from "../diff/diff-schemas.ts";
import { judgeOperations } from "../operations/judge-operations.ts";
import { toStored } from "../operations/load-operations.ts";
import { readOperations } from "../operations/stored-operation.ts";
import { createValidity } from "../operations/validity.ts";
import { noCache } from "../source/cache.ts";
import { answerRandomly, shapeFault } from "./testing/answer-shape.ts";
import { randomOperation } from "./testing/random-operation.ts";
import { changeSchema, printModel, randomSchema } from "./testing/random-schema.ts";
import { createRandomSource } from "./testing/random-source.ts";

/** 300 in the normal run; SCHEMA_CHECK_CASES=10000 for the long one. */
const wantedCases = Number(process.env.SCHEMA_CHECK_CASES ?? 300);

type Verdict = "skipped" | "unsafe" | "safe";

/** Undefined when the text is no valid schema, or has an interface that nothing implements: no server could answer it. */
function schemaOf(sdl: string): GraphQLSchema | undefined {
  const schema = buildSchema(sdl, { assumeValidSDL: true });
  const answerable = Object.values(schema.getTypeMap()).every(
    (type) => !isAbstractType(type) || schema.getPossibleTypes(type).length > 0,
  );
  return answerable && validateSchema(schema).length === 0 ? schema : undefined;
}

/** Judges one random case; when it is called safe, lets a client of the base live with the head. */
function tryCase(schemaSeed: number, changeSeed: number, operationSeed: number): Verdict {
  const model = randomSchema(createRandomSource(schemaSeed));
  const base = schemaOf(printModel(model));
  const headSdl = printModel(changeSchema(createRandomSource(changeSeed), model));
  if (!base || headSdl === printModel(model)) return "skipped";
  const head = schemaOf(headSdl);
  if (!head) return "skipped";
  const random = createRandomSource(operationSeed);
  const { text, variables } = randomOperation(random, base);
  const document = parse(text);
  if (validate(base, document).length > 0 || answerRandomly(random, base, document, variables).errors) return "skipped";
  const { operations } = readOperations([{ file: "random.graphql", text }]);
  const stored = toStored(operations[0]!);
  const { byChange, unexplained } = judgeOperations(
    [stored],
    createValidity(base, "", noCache),
    createValidity(head, "", noCache),
    diffSchemas(base, head),
  );
  if (byChange.size > 0 || unexplained.length > 0) return "unsafe";

  const story = `${printModel(model)}\n-- becomes\n${headSdl}\n-- ${text}\n-- ${JSON.stringify(variables)}`;
  assert.deepEqual(
    validate(head, document).map(({ message }) => message),
    [],
    story,
  );
  for (let answers = 0; answers < 3; answers += 1) {
    const { data, errors } = answerRandomly(random, head, document, variables);
    assert.deepEqual(errors?.map(({ message }) => message) ?? [], [], story);
    assert.equal(shapeFault(base, document, data), undefined, story);
  }
  return "safe";
}

test(`whatever is called safe still validates and answers in the same shape (${wantedCases} cases)`, () => {
  const count: Record<Verdict, number> = { skipped: 0, unsafe: 0, safe: 0 };
  const seed = fc.integer({ min: 0, max: 0x7fffffff });
  while (count.safe + count.unsafe < wantedCases) {
    fc.assert(
      fc.property(seed, seed, seed, (schemaSeed, changeSeed, operationSeed) => {
        count[tryCase(schemaSeed, changeSeed, operationSeed)] += 1;
      }),
      {
        numRuns: wantedCases,
        ...(process.env.SCHEMA_CHECK_SEED !== undefined && { seed: Number(process.env.SCHEMA_CHECK_SEED) }),
      },
    );
  }
  const judged = count.safe + count.unsafe;
  // Neither everything nor nothing is called safe: else the test would prove little.
  assert.ok(count.safe > judged * 0.2 && count.unsafe > judged * 0.1, JSON.stringify(count));
});
