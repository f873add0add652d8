import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  buildSchema,
  type ExecutionResult,
  type GraphQLSchema,
  getVariableValues,
  isAbstractType,
  Kind,
  parse,
  validate,
  validateSchema,
} from "graphql";
import { diffSchemas } from "../diff/diff-schemas.ts";
import { judgeOperations } from "../operations/judge-operations.ts";
import { toStored } from "../operations/load-operations.ts";
import { readOperations } from "../operations/stored-operation.ts";
import { createValidity } from "../operations/validity.ts";
import { noCache } from "../source/cache.ts";
import { answerRandomly, shapeFault } from "./testing/answer-shape.ts";
import { answerThroughGateway } from "./testing/gateway-answer.ts";
import { randomOperation } from "./testing/random-operation.ts";
import { changeSchema, printModel, randomSchema, type SchemaModel } from "./testing/random-schema.ts";
import { createRandomSource, type RandomSource } from "./testing/random-source.ts";
import { splitModel } from "./testing/split-model.ts";

/** 300 in the normal run; SCHEMA_CHECK_CASES=10000 for the long one. */
const wantedCases = Number(process.env.SCHEMA_CHECK_CASES ?? 300);
/** The same cases in every normal run; SCHEMA_CHECK_SEED for others. */
const firstSeed = Number(process.env.SCHEMA_CHECK_SEED ?? 1);
const gatewayEvery = 20; // of the cases called safe: composing and planning take longer than all the rest

type Verdict = "skipped" | "unsafe" | "safe";

/** Undefined when the text is no valid schema, or has an interface that nothing implements: no server could answer it. */
function schemaOf(sdl: string): GraphQLSchema | undefined {
  const schema = buildSchema(sdl, { assumeValidSDL: true });
  const answerable = Object.values(schema.getTypeMap()).every(
    (type) => !isAbstractType(type) || schema.getPossibleTypes(type).length > 0,
  );
  return answerable && validateSchema(schema).length === 0 ? schema : undefined;
}

const shares = { anything: { given: 0.4, variables: 0.4 }, inputs: { given: 0.8, variables: 0.9 } } as const;

interface Case {
  readonly head: GraphQLSchema;
  readonly headModel: SchemaModel;
  readonly base: GraphQLSchema;
  readonly text: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly story: string;
}

/** One random schema, change, operation and values for its variables; undefined when the base would not answer it. */
function randomCase(random: RandomSource, schemaSeed: number, changeSeed: number): Case | undefined {
  // A third is about values of variables, which validation of an operation never sees.
  const subject = changeSeed % 3 === 0 ? "inputs" : "anything";
  const model = randomSchema(createRandomSource(schemaSeed), subject);
  const base = schemaOf(printModel(model));
  const headModel = changeSchema(createRandomSource(changeSeed), model, subject);
  const headSdl = printModel(headModel);
  if (!base || headSdl === printModel(model)) return undefined;
  const head = schemaOf(headSdl);
  if (!head) return undefined;
  const { text, variables } = randomOperation(random, base, shares[subject]);
  const document = parse(text);
  if (validate(base, document).length > 0 || answerRandomly(random, base, document, variables).errors) return undefined;
  const story = `${printModel(model)}\n-- becomes\n${headSdl}\n-- ${text}\n-- ${JSON.stringify(variables)}`;
  return { base, head, headModel, text, variables, story };
}

function isCalledSafe({ base, head, text }: Case): boolean {
  const { operations } = readOperations([{ file: "random.graphql", text }]);
  const { byChange, unexplained } = judgeOperations(
    [toStored(operations[0]!)],
    createValidity(base, "", noCache),
    createValidity(head, "", noCache),
    diffSchemas(base, head),
  );
  return byChange.size === 0 && unexplained.length === 0;
}

/** A client of the base lives with a server that may send whatever the head allows. */
function liveWithHead(random: RandomSource, { base, head, text, variables, story }: Case): void {
  const document = parse(text);
  const faults = validate(head, document).map(({ message }) => message);
  assert.deepEqual(faults, [], story);
  for (let answers = 0; answers < 3; answers += 1)
    assertUnderstood(base, text, answerRandomly(random, head, document, variables), story);
}

function assertUnderstood(base: GraphQLSchema, text: string, { data, errors }: ExecutionResult, story: string): void {
  assert.deepEqual(errors?.map(({ message }) => message) ?? [], [], story);
  assert.equal(shapeFault(base, parse(text), data), undefined, story);
}

/** True where the head refuses the values that the base took: what validation of the document alone never sees. */
function refusesVariables({ head, text, variables }: Case): boolean {
  const document = parse(text);
  const operation = document.definitions.find((definition) => definition.kind === Kind.OPERATION_DEFINITION)!;
  if (validate(head, document).length > 0) return false;
  return getVariableValues(head, operation.variableDefinitions ?? [], variables).errors !== undefined;
}

test(`whatever is called safe still validates and answers in the same shape (${wantedCases} cases)`, async (t) => {
  const count: Record<Verdict | "variablesRefused", number> = { skipped: 0, unsafe: 0, safe: 0, variablesRefused: 0 };
  const gateway = { answers: 0, acrossSubgraphs: 0, notComposed: 0 };
  const tryCase = async (schemaSeed: number, changeSeed: number, operationSeed: number): Promise<void> => {
    const random = createRandomSource(operationSeed);
    const one = randomCase(random, schemaSeed, changeSeed);
    const verdict: Verdict = one === undefined ? "skipped" : isCalledSafe(one) ? "safe" : "unsafe";
    count[verdict] += 1;
    if (one && refusesVariables(one)) count.variablesRefused += 1;
    if (!one || verdict !== "safe") return;
    liveWithHead(random, one);
    if (count.safe % gatewayEvery !== 1) return;
    const answer = await answerThroughGateway(splitModel(one.headModel), one.text, one.variables, gateway);
    if (answer) assertUnderstood(one.base, one.text, answer, one.story);
  };
  const seed = fc.integer({ min: 0, max: 0x7fffffff });
  for (let round = 0; count.safe + count.unsafe < wantedCases; round += 1)
    await fc.assert(fc.asyncProperty(seed, seed, seed, tryCase), { numRuns: wantedCases, seed: firstSeed + round });
  t.diagnostic(JSON.stringify({ ...count, gateway }));
  const judged = count.safe + count.unsafe;
  // Neither everything nor nothing is called safe: else the test would prove little.
  assert.ok(count.safe > judged * 0.2 && count.unsafe > judged * 0.1, JSON.stringify(count));
  assert.ok(
    count.variablesRefused > 0 && gateway.acrossSubgraphs > gateway.answers * 0.1 && gateway.notComposed < gateway.answers * 0.2,
    JSON.stringify({ count, gateway }),
  );
});
