import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { ask, type Outcome, reply, startClient, startRawServer, startWarmClient, told, until } from "./test-server.ts";

type Pieces = readonly (string | Buffer)[];

const text = '{"na\u00efve":"\u2603 \u{1f600}"}';
const ok = `200 ${text}`;
const sized = Buffer.from(`HTTP/1.1 200 OK\r\nCONTENT-Length:\t${Buffer.byteLength(text)} \r\nx-empty:\r\n\r\n${text}`);
const chunked = chunk("HTTP/1.1 200\r\ntransfer-encoding: Chunked\r\n\r\n", text, "x-checksum: 7\r\nx-other:\t8\r\n");

/** The body in chunks of three bytes, which cut its characters. */
function chunk(head: string, body: string, trailers = ""): Buffer {
  const bytes = Buffer.from(body);
  const parts = [Buffer.from(head)];
  for (let at = 0; at < bytes.length; at += 3) {
    const part = bytes.subarray(at, at + 3);
    parts.push(Buffer.from(`0${part.length};name="a value" ; other\r\n`), part, Buffer.from("\r\n"));
  }
  return Buffer.concat([...parts, Buffer.from(`0\r\n${trailers}\r\n`)]);
}

/** One request after another; each is answered with its pieces. With `end` the server then closes its side. */
async function exchange(context: TestContext, answers: readonly Pieces[], { end = false } = {}): Promise<string[]> {
  const server = await startRawServer(context, async ({ number, send, socket }) => {
    await send(...answers[number]!);
    if (end) socket.end();
  });
  const client = startClient(context, server);
  const outcomes: Outcome[] = [];
  for (const _ of answers) outcomes.push(await ask(client, "{}"));
  return outcomes.map(told);
}

const bytesOf = (bytes: Buffer): Buffer[] => Array.from(bytes, (_, at) => bytes.subarray(at, at + 1));

for (const [name, sample] of Object.entries({ sized, chunked })) {
  test(`reads a ${name} reply whole, byte by byte, and cut at each position`, async (context) => {
    const cuts = Array.from(sample, (_, at) => [sample.subarray(0, at), sample.subarray(at)].filter((piece) => piece.length > 0));
    const answers = [[sample], bytesOf(sample), ...cuts];
    assert.deepEqual(await exchange(context, answers), Array(answers.length).fill(ok));
  });
}

test("gives replies that come in one piece to their requests in order", async (context) => {
  let held = "";
  const server = await startRawServer(context, async ({ number, body, send }) => {
    if (number === 0) return send(reply("first"));
    held += reply(body);
    if (number === 4) await send(held);
  });
  const client = await startWarmClient(context, server, { maxSockets: 1 });
  const outcomes = await Promise.all(["a", "b", "c", "d"].map((body) => ask(client, body)));
  assert.deepEqual(outcomes.map(told), ["200 a", "200 b", "200 c", "200 d"]);
});

test("makes text of UTF-8 also where a body is larger than a read, and replaces what is not UTF-8", async (context) => {
  const large = "\u2603".repeat(100_000);
  const wrong = Buffer.concat([Buffer.from("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n"), Buffer.from([0xc3, 0x28])]);
  assert.deepEqual(await exchange(context, [[reply(large)], [wrong], [reply("x".repeat(200_000))], [reply("end")]]), [
    `200 ${large}`,
    "200 \ufffd(",
    `200 ${"x".repeat(200_000)}`,
    "200 end",
  ]);
});

test("puts a body together that comes in many reads, with and without a length", async (context) => {
  const body = Array.from({ length: 30_000 }, (_, number) => `${number},\u00e9`).join("");
  const bytes = Buffer.from(body);
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += 9_973) pieces.push(bytes.subarray(at, at + 9_973));
  const chunks = pieces.flatMap((piece) => [`${piece.length.toString(16)}\r\n`, piece, "\r\n"]);
  const answers = [
    [`HTTP/1.1 200 OK\r\ncontent-length: ${bytes.length}\r\n\r\n`, ...pieces],
    ["HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", ...chunks, "0\r\n\r\n"],
  ];
  assert.deepEqual(await exchange(context, answers), [`200 ${body}`, `200 ${body}`]);
  assert.deepEqual(await exchange(context, [["HTTP/1.1 200 OK\r\n\r\n", ...pieces]], { end: true }), [`200 ${body}`]);
});

test("takes a content-length told twice alike", async (context) => {
  assert.deepEqual(await exchange(context, [[reply("ab", "content-length: 2")], [reply("ab", "content-length: 02")]]), [
    "200 ab",
    "200 ab",
  ]);
});

test("skips interim replies, however they are cut", async (context) => {
  const interim = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </a>\r\ncontent-length: 9\r\n\r\n";
  assert.deepEqual(await exchange(context, [[interim + reply("a")], bytesOf(Buffer.from(interim + reply("b")))]), [
    "200 a",
    "200 b",
  ]);
});

test("expects no body after 204 and 304, whatever the header says", async (context) => {
  const answers = [
    ["HTTP/1.1 204 No Content\r\n\r\n"],
    ["HTTP/1.1 304 Not Modified\r\ncontent-length: 400\r\n\r\n"],
    ["HTTP/1.1 204 No Content\r\ntransfer-encoding: chunked\r\n\r\n"],
    [reply("", "x: y")],
    [reply("end")],
  ];
  assert.deepEqual(await exchange(context, answers), ["204 ", "304 ", "204 ", "200 ", "200 end"]);
});

test("takes every final status, with and without a reason", async (context) => {
  const statuses = ["201 Created", "400 Bad \u00ff\tRequest", "500", "503 ", "599 x"];
  const answers = statuses.map((status) => [Buffer.from(`HTTP/1.1 ${status}\r\ncontent-length: 1\r\n\r\nb`, "latin1")]);
  assert.deepEqual(await exchange(context, answers), ["201 b", "400 b", "500 b", "503 b", "599 b"]);
});

test("keeps an HTTP/1.0 connection only when it is told to", async (context) => {
  const answers = ["Connection: Keep-Alive", "connection: upgrade, keep-alive", "x: y", "connection: keep-alive, close", "x: y"];
  const server = await startRawServer(context, ({ number, send }) =>
    send(`HTTP/1.0 200 OK\r\n${answers[number]}\r\ncontent-length: 1\r\n\r\n${number}`),
  );
  const client = startClient(context, server);
  const opened: number[] = [];
  for (const [number] of answers.entries()) {
    assert.equal(told(await ask(client, "")), `200 ${number}`);
    opened.push(server.opened);
  }
  assert.deepEqual(opened, [1, 1, 1, 2, 3]);
});

test("reads a body without a length up to the end of the connection", async (context) => {
  const head = "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n\r\n";
  for (const pieces of [[`${head}ab`], [head, "a", "b"], [head.replace("1.1", "1.0"), "ab"]]) {
    assert.deepEqual(await exchange(context, [pieces], { end: true }), ["200 ab"]);
  }
  assert.deepEqual(await exchange(context, [[head]], { end: true }), ["200 "]);
});

test("does not take a reset for the end of a body", async (context) => {
  const server = await startRawServer(context, async ({ send, socket }) => {
    await send("HTTP/1.1 200 OK\r\n\r\n", "a");
    socket.resetAndDestroy();
  });
  const client = startClient(context, server);
  assert.equal(told(await ask(client, "")), "protocol");
});

const malformed: Record<string, string> = {
  "two lengths that differ": reply("ab", "content-length: 3"),
  "a length and chunks": reply("0\r\n\r\n", "transfer-encoding: chunked"),
  "chunks and a length": "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ncontent-length: 5\r\n\r\n0\r\n\r\n",
  "a list of lengths": "HTTP/1.1 200 OK\r\ncontent-length: 2, 2\r\n\r\nab",
  "a negative length": "HTTP/1.1 200 OK\r\ncontent-length: -2\r\n\r\nab",
  "a length with a sign": "HTTP/1.1 200 OK\r\ncontent-length: +2\r\n\r\nab",
  "a length in base 16": "HTTP/1.1 200 OK\r\ncontent-length: 0x2\r\n\r\nab",
  "an empty length": "HTTP/1.1 200 OK\r\ncontent-length:\r\n\r\nab",
  "a length of no number we have": "HTTP/1.1 200 OK\r\ncontent-length: 9007199254740993\r\n\r\nab",
  "another transfer coding": "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
  "an unknown transfer coding": "HTTP/1.1 200 OK\r\ntransfer-encoding: chunke\r\n\r\n0\r\n\r\n",
  "chunked twice": "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
  "chunks in HTTP/1.0": "HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
  "a chunk size that is no number": "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nx\r\n",
  "a negative chunk size": "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n-1\r\n",
  "an empty chunk size": "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n\r\n",
  "a chunk size with a space before it": "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n 1\r\n",
  "a huge chunk size": "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n100000000\r\n",
  "a chunk longer than its size": "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n",
  "a chunk ended by LF alone": "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\n0\r\n\r\n",
  "an endless chunk line": `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1;${"x".repeat(5_000)}`,
  "a trailer that is no header line": "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\nx\r\n\r\n",
  "lines ended by LF alone": "HTTP/1.1 200 OK\ncontent-length: 2\n\nab",
  "a CR inside a line": "HTTP/1.1 200 OK\r\nx: a\rb\r\ncontent-length: 2\r\n\r\nab",
  "a NUL": "HTTP/1.1 200 OK\r\nx: a\0b\r\ncontent-length: 2\r\n\r\nab",
  "a control character": "HTTP/1.1 200 OK\r\nx: a\x7fb\r\ncontent-length: 2\r\n\r\nab",
  "a folded line": "HTTP/1.1 200 OK\r\nx: a\r\n b\r\ncontent-length: 2\r\n\r\nab",
  "a space before the colon": "HTTP/1.1 200 OK\r\ncontent-length : 2\r\n\r\nab",
  "a line without a colon": "HTTP/1.1 200 OK\r\ncontent-length\r\n\r\nab",
  "a line without a name": "HTTP/1.1 200 OK\r\n: 2\r\n\r\nab",
  "a name that is no token": "HTTP/1.1 200 OK\r\ncontent(length: 2\r\n\r\nab",
  "a change of protocol": "HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n",
  "a line end before the status line": `\r\n${reply("ab")}`,
  "another protocol": "SSH-2.0-OpenSSH_9.6\r\n",
  "another version": "HTTP/2.0 200 OK\r\ncontent-length: 2\r\n\r\nab",
  "a version in small letters": "http/1.1 200 OK\r\ncontent-length: 2\r\n\r\nab",
  "a status of two digits": "HTTP/1.1 20 OK\r\ncontent-length: 2\r\n\r\nab",
  "a status of four digits": "HTTP/1.1 2000 OK\r\ncontent-length: 2\r\n\r\nab",
  "a status below 100": "HTTP/1.1 099 No\r\ncontent-length: 2\r\n\r\nab",
  "a status above 599": "HTTP/1.1 600 No\r\ncontent-length: 2\r\n\r\nab",
  "a header of more than 32 KiB": `HTTP/1.1 200 OK\r\n${"x: y\r\n".repeat(6_000)}`,
  "one header line of more than 32 KiB": `HTTP/1.1 200 OK\r\nx: ${"y".repeat(33_000)}`,
};
for (const [what, bytes] of Object.entries(malformed)) {
  test(`refuses ${what}, and ends the connection`, async (context) => {
    const server = await startRawServer(context, ({ send }) => send(Buffer.from(bytes, "latin1")));
    const client = startClient(context, server);
    assert.equal(told(await ask(client, "")), "protocol");
    assert.equal(client.sockets, 0);
    await until(() => server.open === 0);
  });
}

test("stops at a reply that is too large, announced, in chunks, or without end", async (context) => {
  const chunks = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n8\r\n12345678\r\n";
  for (const bytes of [reply("123456789"), `${chunks}1\r\n`, "HTTP/1.1 200 OK\r\n\r\n123456789"]) {
    const server = await startRawServer(context, ({ send }) => send(bytes));
    const client = startClient(context, server, { maxResponseBytes: 8 });
    assert.equal(told(await ask(client, "")), "overflow");
    await until(() => server.open === 0);
  }
  assert.deepEqual(await exchange(context, [[`${chunks}0\r\n\r\n`]]), ["200 12345678"]);
});

test("gives bytes that nobody asked for to nobody", async (context) => {
  const server = await startRawServer(context, async ({ body, number, send }) => {
    if (number === 0) await send(reply(body) + reply("smuggled"));
    else if (number === 1)
      await send(reply(body), "H"); // the client waits for nothing when this comes
    else await send(reply(body));
  });
  const client = startClient(context, server);
  assert.equal(told(await ask(client, "a")), "200 a");
  assert.equal(client.sockets, 0);
  assert.equal(told(await ask(client, "b")), "200 b");
  await until(() => client.sockets === 0);
  assert.equal(told(await ask(client, "c")), "200 c");
  assert.equal(server.opened, 3);
});
