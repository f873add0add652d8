import { type ClientRequest, type IncomingHttpHeaders, request } from "node:http";

export type Part = {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly PartError[];
  readonly incremental?: readonly {
    readonly path: readonly (string | number)[];
    readonly label?: string;
    readonly data: Record<string, unknown> | null;
    readonly errors?: readonly PartError[];
  }[];
  readonly hasNext?: boolean;
};
export type PartError = {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions?: Readonly<Record<string, unknown>>;
};

export const multipart = "multipart/mixed;deferSpec=20220824, application/json";
export const eventStream = "text/event-stream";

/** An answer while it comes in. */
export type Reading = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** All that has come so far. */
  text(): string;
  /** Resolves as soon as what has come matches; rejects at the end of the answer. */
  until(pattern: RegExp): Promise<void>;
  /** Resolves with the whole text. @throws Error when the connection is lost before the end. */
  end(): Promise<string>;
  /** Leaves without reading on. */
  leave(): void;
};

/** Sends one GraphQL request on a connection of its own. */
export function open(
  port: number,
  body: object,
  headers: Readonly<Record<string, string>> = { accept: multipart },
): Promise<Reading> {
  return new Promise((resolve, reject) => {
    const all = { "content-type": "application/json", ...headers };
    const outgoing: ClientRequest = request({
      host: "127.0.0.1",
      port,
      method: "POST",
      path: "/graphql",
      headers: all,
      agent: false,
    });
    outgoing.on("error", reject);
    outgoing.on("response", (incoming) => {
      let text = "";
      let over: { readonly error?: Error } | undefined;
      const watchers = new Set<() => void>();
      const change = (): void => {
        for (const watcher of watchers) watcher();
      };
      incoming.setEncoding("utf8");
      incoming.on("data", (chunk: string) => {
        text += chunk;
        change();
      });
      incoming.on("error", (error) => {
        over ??= { error };
        change();
      });
      incoming.on("close", () => {
        over ??= incoming.complete ? {} : { error: new Error("the answer broke off") };
        change();
      });
      const when = (isThere: () => boolean): Promise<void> =>
        new Promise((settle, fail) => {
          const watch = (): void => {
            if (!isThere() && !over) return;
            watchers.delete(watch);
            if (isThere()) settle();
            else fail(over?.error ?? new Error(`the answer ended: ${text}`));
          };
          watchers.add(watch);
          watch();
        });
      resolve({
        status: incoming.statusCode ?? 0,
        headers: incoming.headers,
        text: () => text,
        until: (pattern) => when(() => pattern.test(text)),
        async end() {
          await when(() => over !== undefined && over.error === undefined);
          return text;
        },
        leave: () => void outgoing.destroy(),
      });
    });
    outgoing.end(JSON.stringify(body));
  });
}

/** Reads a body of `multipart/mixed` as RFC 2046 says; the boundary is that of the content type. @throws Error for another format */
export function parseMultipart(contentType: string | undefined, text: string): readonly Part[] {
  const boundary = /boundary="?([^";]+)"?/.exec(contentType ?? "")?.[1];
  if (!contentType?.startsWith("multipart/mixed") || boundary === undefined) throw new Error(`not multipart: ${contentType}`);
  const [preamble, ...parts] = `\r\n${text.replace(/^\r\n/, "")}`.split(`\r\n--${boundary}`);
  const epilogue = parts.pop();
  if (preamble !== "" || epilogue !== "--\r\n") throw new Error(`badly framed: ${JSON.stringify(text)}`);
  return parts.map((part) => {
    const [head = "", body = ""] = part.split(/\r\n\r\n/, 2);
    if (head !== "\r\ncontent-type: application/json; charset=utf-8") throw new Error(`a part's head: ${JSON.stringify(head)}`);
    return JSON.parse(body) as Part;
  });
}

/** Reads an event stream of graphql-sse. @throws Error for another format, or one that does not complete */
export function parseEvents(contentType: string | undefined, text: string): readonly Part[] {
  if (contentType !== "text/event-stream; charset=utf-8") throw new Error(`not an event stream: ${contentType}`);
  const events = text.split("\n\n");
  if (events.pop() !== "" || events.pop() !== "event: complete\ndata:") throw new Error(`does not complete: ${text}`);
  return events.map((event) => {
    const [name, ...data] = event.split("\n");
    if (name !== "event: next" || data.some((line) => !line.startsWith("data: "))) throw new Error(`not a result: ${event}`);
    return JSON.parse(data.map((line) => line.slice("data: ".length)).join("\n")) as Part;
  });
}
