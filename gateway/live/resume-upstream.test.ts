import assert from "node:assert/strict";
import { test } from "node:test";
import type { SubgraphReply } from "../engine/index.ts";
import { RequestError } from "../errors.ts";
import { type ResumeOptions, resumeUpstream } from "./resume-upstream.ts";

const frame = (cursor: string): SubgraphReply => ({ data: { cursor } });
const backOff = { firstMs: 1, maxMs: 2, giveUpAfterMs: 1_000 };

function follow(connections: (SubgraphReply | Error)[][], options: Partial<ResumeOptions> = {}) {
  const openedAfter: (string | undefined)[] = [];
  const frames = resumeUpstream({
    open: async function* (lastCursor) {
      openedAfter.push(lastCursor);
      for (const step of connections.shift() ?? []) {
        if (step instanceof Error) throw step;
        yield step;
      }
    },
    cursorOf: ({ data }) => data?.cursor as string | undefined,
    resumable: true,
    signal: new AbortController().signal,
    onLost: () => undefined,
    backOff,
    ...options,
  });
  return { frames, openedAfter };
}

test("a lost upstream is opened again after the last cursor, and the frames join without a seam", async () => {
  const { frames, openedAfter } = follow([[frame("1"), frame("2"), new Error("lost")], [new Error("still down")], [frame("3")]]);
  const seen = await Array.fromAsync(frames);
  assert.deepEqual(
    seen.map(({ data }) => data?.cursor),
    ["1", "2", "3"],
  );
  assert.deepEqual(openedAfter, [undefined, "2", "2"]);
});

test("an upstream that cannot resume, or stays lost, ends with UNAVAILABLE", async () => {
  for (const options of [{ resumable: false }, { backOff: { ...backOff, giveUpAfterMs: -1 } }]) {
    const { frames } = follow([[frame("1"), new Error("lost")]], options);
    await assert.rejects(Array.fromAsync(frames), (error) => error instanceof RequestError && error.code === "UNAVAILABLE");
  }
});

test("a client that leaves ends the attempts", async () => {
  const controller = new AbortController();
  let attempts = 0;
  const { frames } = follow([], {
    signal: controller.signal,
    open: async function* () {
      attempts += 1;
      if (attempts === 3) controller.abort();
      if (attempts > 0) throw new Error("down");
      yield frame("never");
    },
  });
  assert.deepEqual(await Array.fromAsync(frames), []);
  assert.equal(attempts, 3);
});
