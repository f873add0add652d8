import assert from "node:assert/strict";

/** What no answer may hold: stacks, statements, addresses of the inside. */
const leaks =
  /node_modules|\.ts:\d|\bat [A-Z]\w+\.|call stack|ECONNREFUSED|127\.0\.0\.1:\d|select .+ from|insert into|postgres|ioredis/i;

type GraphqlAnswer = {
  readonly status: number;
  readonly text: string;
  readonly data: Record<string, unknown> | null | undefined;
  readonly codes: readonly string[];
};

/** Reads a GraphQL answer after making sure that it is JSON and gives nothing away. */
export async function readAnswer(response: Response): Promise<GraphqlAnswer> {
  const text = await response.text();
  assert.match(response.headers.get("content-type") ?? "", /json/, text.slice(0, 200));
  assert.doesNotMatch(text, leaks);
  type Body = { data?: Record<string, unknown> | null; errors?: { extensions?: { code?: string } }[] };
  const body = JSON.parse(text) as Body;
  return {
    status: response.status,
    text,
    data: body.data,
    codes: (body.errors ?? []).map(({ extensions }) => String(extensions?.code)),
  };
}

/** POSTs a GraphQL request; a string is sent as it is. */
export const post = async (url: string, body: unknown, headers: Record<string, string> = {}): Promise<GraphqlAnswer> =>
  readAnswer(
    await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: typeof body === "string" ? body : JSON.stringify(body),
      signal: AbortSignal.timeout(15_000),
    }),
  );

/** Every `code` anywhere in a payload's `errors`, after those of the answer itself. */
export function faultCodes({ codes, data }: Pick<GraphqlAnswer, "codes" | "data">): readonly string[] {
  const ofPayloads = Object.values(data ?? {}).flatMap((payload) => {
    const errors = (payload as { errors?: { code: string }[] } | null)?.errors ?? [];
    return errors.map(({ code }) => code);
  });
  return [...codes, ...ofPayloads];
}
