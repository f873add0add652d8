import assert from "node:assert/strict";
import { test } from "node:test";
import { hasErrors, mixedSequence, productMix, productTraffic } from "./product-traffic.ts";
import type { Traffic } from "./traffic.ts";

type Sent = {
  readonly query: string;
  readonly variables: { readonly input?: Input; readonly id?: string; readonly upTo?: string };
};
type Input = {
  readonly id?: string;
  readonly taskId?: string;
  readonly expectedVersion?: number;
  readonly idempotencyKey: string;
};

const users = ["usr_a", "usr_b"].map((userId) => ({ userId, token: `token of ${userId}`, inboxCursor: `first of ${userId}` }));
const place = { workspaceId: "wsp", slug: "slug", projectId: "prj", taskIds: ["tsk_read"], listCursor: "page" };
const ownTasks = Array.from({ length: 8 }, (_, index) => ({ id: `tsk_${index}`, version: 1 }));
const newTraffic = (): Traffic => productTraffic({ users, place, ownTasks, port: 1 });

const sentIn = (bytes: Buffer): Sent => JSON.parse(bytes.toString().split("\r\n\r\n")[1] ?? "") as Sent;
const right = (body: string) => ({ isOk: true, bodyBytes: body.length, body });

/** A product that keeps versions as the real one does; false for what it would refuse. */
function createProduct() {
  const versions = new Map(ownTasks.map(({ id, version }) => [id, version]));
  const keys = new Set<string>();
  let made = 0;
  const taskAnswer = (id: string) => `{"data":{"x":{"task":{"id":"${id}","version":${versions.get(id)}},"errors":[]}}}`;
  return {
    answer({ query, variables: { input, id } }: Sent): string | undefined {
      if (input?.idempotencyKey !== undefined && keys.size === keys.add(input.idempotencyKey).size) return undefined;
      if (query.includes("createTask")) {
        versions.set(`tsk_new_${++made}`, 1);
        return taskAnswer(`tsk_new_${made}`);
      }
      const changed = input?.id ?? input?.taskId ?? (query.includes("completeTask") ? id : undefined);
      if (changed === undefined)
        return query.includes("query Inbox") ? '{"data":{"inbox":{"feedCursor":"later"}}}' : '{"data":{}}';
      const version = versions.get(changed) ?? Number.NaN;
      if (input?.expectedVersion !== undefined && input.expectedVersion !== version) return undefined;
      versions.set(changed, version + 1);
      if (query.includes("completeTask")) versions.delete(changed);
      return taskAnswer(changed);
    },
  };
}

test("mixes the operations by their shares", () => {
  const counts = Object.fromEntries([...Map.groupBy(mixedSequence(), (name) => name)].map(([name, each]) => [name, each.length]));
  assert.deepEqual(counts, productMix);
});

test("sends writes that a product takes: keys that are new, versions that are current, tasks that are open", () => {
  const traffic = newTraffic();
  const product = createProduct();
  for (let turn = 0; turn < 5; turn++) {
    for (const _ of mixedSequence()) {
      const request = traffic.next();
      const sent = sentIn(request.bytes);
      const body = product.answer(sent);
      assert.ok(body !== undefined, JSON.stringify(sent));
      assert.ok(request.isRight(right(body)));
    }
  }
});

test("changes no task in two requests at once", () => {
  const traffic = newTraffic();
  const sent = Array.from({ length: 40 }, () => sentIn(traffic.next().bytes)); // none is answered
  const changed = sent.flatMap(({ query, variables: { input, id } }) => {
    const task = input?.id ?? input?.taskId ?? (query.includes("completeTask") ? id : undefined);
    return task === undefined ? [] : [task];
  });
  assert.ok(changed.length > 3);
  assert.equal(new Set(changed).size, changed.length);
});

test("reads an inbox as far as its user has seen it", () => {
  const traffic = newTraffic();
  const seen = new Map(users.map(({ token, inboxCursor }) => [token, inboxCursor]));
  let marked = 0;
  for (let count = 0; count < 4 * mixedSequence().length; count++) {
    const request = traffic.next();
    const token = /authorization: Bearer (.*)\r\n/.exec(request.bytes.toString())?.[1] ?? "";
    const { query, variables } = sentIn(request.bytes);
    if (query.includes("query Inbox")) seen.set(token, `at ${count}`);
    if (variables.upTo !== undefined) {
      marked += 1;
      assert.equal(variables.upTo, seen.get(token));
    }
    const task = '"id":"tsk_again","version":1';
    request.isRight(right(`{"data":{"inbox":{"feedCursor":"at ${count}"},"task":{${task}}}}`));
  }
  assert.ok(marked > 0);
});

test("takes an answer with errors, in its payload or beside its data, for a wrong one", () => {
  assert.equal(hasErrors('{"data":{"updateTask":{"task":{"title":"\\"errors\\":"},"errors":[]}}}'), false);
  assert.equal(hasErrors('{"data":{"updateTask":{"task":null,"errors":[{"code":"VERSION_CONFLICT"}]}}}'), true);
  assert.equal(hasErrors('{"errors":[{"message":"no"}],"data":{"updateTask":{"errors":[]}}}'), true);
  const request = newTraffic().next();
  assert.equal(request.isRight(right('{"data":null,"errors":[{"message":"no"}]}')), false);
  assert.equal(request.isRight({ isOk: false, bodyBytes: 2, body: "{}" }), false);
});
