import { createHmac, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import { deflateRaw, inflateRaw } from "node:zlib";
import type { QueryPlan } from "../engine/query-plan.ts";
import type { SupergraphGeneration } from "../supergraph/supergraph-generation.ts";
import { isQueryPlan } from "./check-plan.ts";

export interface PlanCodec {
  /** The value to keep under a key; undefined for a plan that is too large, or would not be believed again. */
  encode(key: string, documentHash: string, plan: QueryPlan, generation: SupergraphGeneration): Promise<Buffer | undefined>;
  /** The plan of a value; undefined unless we made it, for this key and this document. */
  decode(key: string, documentHash: string, value: Buffer, generation: SupergraphGeneration): Promise<QueryPlan | undefined>;
}

const compress = promisify(deflateRaw);
const expand = promisify(inflateRaw);

const maxJsonBytes = 4 * 1024 * 1024;
const maxValueBytes = 512 * 1024;
const compressFromBytes = 1_024;
const signatureBytes = 32;
const [plain, deflated] = [0, 1];

/**
 * Signed plans: a signature over key and bytes, one byte that says whether the rest is compressed, the JSON. Who can write
 * to the store can then neither make up a plan nor put one in the place of another.
 */
export function createPlanCodec(secret: string): PlanCodec {
  const signingKey = createHmac("sha256", secret).update("stored query plans").digest();
  const sign = (key: string, body: Buffer): Buffer => createHmac("sha256", signingKey).update(`${key}\0`).update(body).digest();

  async function read(body: Buffer): Promise<unknown> {
    const content = body.subarray(1);
    const text = body[0] === deflated ? await expand(content, { maxOutputLength: maxJsonBytes }) : content;
    return JSON.parse(text.toString());
  }

  return {
    async encode(key, documentHash, plan, { subgraphs }) {
      if (!isQueryPlan(plan, subgraphs)) return undefined;
      const text = Buffer.from(JSON.stringify({ documentHash, plan }));
      if (text.length > maxJsonBytes) return undefined;
      const isLarge = text.length >= compressFromBytes;
      const body = Buffer.concat([Buffer.of(isLarge ? deflated! : plain!), isLarge ? await compress(text) : text]);
      const value = Buffer.concat([sign(key, body), body]);
      return value.length > maxValueBytes ? undefined : value;
    },
    async decode(key, documentHash, value, { subgraphs }) {
      if (value.length <= signatureBytes || value.length > maxValueBytes) return undefined;
      const body = value.subarray(signatureBytes);
      if (!timingSafeEqual(value.subarray(0, signatureBytes), sign(key, body))) return undefined;
      const found = (await read(body)) as { readonly documentHash?: unknown; readonly plan?: unknown } | null;
      const plan = found?.documentHash === documentHash ? found.plan : undefined;
      return isQueryPlan(plan, subgraphs) ? plan : undefined;
    },
  };
}
