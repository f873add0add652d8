import assert from "node:assert/strict";
import { after, test } from "node:test";
import { eventStream, open } from "./read-parts.ts";
import { startLibrary } from "./start-library.ts";

const library = await startLibrary();
after(library.stop);
const { port } = library;

const query = '{ book(id: "b1") { title ... @defer(label: "more") { rating } } }';
const first = '{"data":{"book":{"title":"Knots"}},"hasNext":true}';
const second = '{"incremental":[{"label":"more","path":["book"],"data":{"rating":3.5}}],"hasNext":false}';

test("multipart: the first part comes before the fetch of the second has ended, and the bytes are those of the format", async () => {
  const release = library.hold(/rating/);
  const answer = await open(port, { query });
  assert.equal(answer.status, 200);
  assert.equal(answer.headers["content-type"], 'multipart/mixed; boundary="-"; deferSpec=20220824');
  assert.equal(answer.headers["cache-control"], "no-store");
  assert.equal(answer.headers["content-length"], undefined);
  const partOne = `\r\n---\r\ncontent-type: application/json; charset=utf-8\r\n\r\n${first}\r\n---\r\n`;
  await answer.until(/"hasNext":true\}\r\n---\r\n$/);
  assert.equal(answer.text(), partOne);
  release();
  assert.equal(await answer.end(), `${partOne}content-type: application/json; charset=utf-8\r\n\r\n${second}\r\n-----\r\n`);
});

test("server-sent events: the same parts as events, and one that says they are complete", async () => {
  const release = library.hold(/rating/);
  const answer = await open(port, { query }, { accept: eventStream });
  assert.equal(answer.headers["content-type"], "text/event-stream; charset=utf-8");
  const eventOne = `event: next\ndata: ${first}\n\n`;
  await answer.until(/\n\n$/);
  assert.equal(answer.text(), eventOne);
  release();
  assert.equal(await answer.end(), `${eventOne}event: next\ndata: ${second}\n\nevent: complete\ndata:\n\n`);
});
