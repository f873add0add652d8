import { CouldNotRun } from "../exit-codes.ts";
import type { CommandContext } from "./command-context.ts";

export type Outcome = { readonly name: string; readonly state: "ok" | "warn" | "fail"; readonly text: string };

const timeoutMs = 3_000;

/** What `--gateway`, `--redis` and `--database`, or their variables, name: each is asked; what was not named is left out. */
export async function probeServices(context: CommandContext, composedHash: string | undefined): Promise<Outcome[]> {
  const { flags, env } = context;
  const gateway = flags.gateway ?? env.GATEWAY_ADMIN_URL;
  const redis = flags.redis ?? env.REDIS_URL;
  return [...(gateway ? await probeGateway(gateway, composedHash) : []), ...(redis ? [await probeRedis(redis)] : [])];
}

/** A gateway by its private port: whether it is ready, and whether it uses the supergraph that is composed here. */
async function probeGateway(adminUrl: string, composedHash: string | undefined): Promise<Outcome[]> {
  const { readGatewayStatus } = await import("../source/remote-supergraph.ts");
  let ready: Outcome;
  try {
    const url = new URL("health/ready", adminUrl.endsWith("/") ? adminUrl : `${adminUrl}/`);
    const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
    const { checks = {} } = (await response.json()) as { checks?: Record<string, string> };
    const failing = Object.entries(checks).filter(([, outcome]) => outcome !== "ok");
    ready = response.ok
      ? { name: "gateway", state: "ok", text: `${adminUrl}: ready` }
      : {
          name: "gateway",
          state: "fail",
          text: `GATEWAY_NOT_READY ${adminUrl}: ${failing.map((one) => one.join(" ")).join(", ")}`,
        };
  } catch (error) {
    return [{ name: "gateway", state: "fail", text: `GATEWAY_UNREACHABLE ${adminUrl}: ${reasonOf(error)}` }];
  }
  try {
    const { hash, refused } = await readGatewayStatus(adminUrl);
    return [ready, supergraphOutcome(hash, refused, composedHash)];
  } catch (error) {
    return [ready, { name: "gateway's supergraph", state: "warn", text: reasonOf(error) }];
  }
}

function supergraphOutcome(
  hash: string | null,
  refused: { readonly code: string; readonly message: string } | null,
  composedHash: string | undefined,
): Outcome {
  const name = "gateway's supergraph";
  const short = hash?.slice(0, 12) ?? "none";
  if (refused) return { name, state: "fail", text: `${refused.code} ${refused.message.split("\n")[0]}; in use is ${short}` };
  if (composedHash === undefined || hash === composedHash) return { name, state: "ok", text: short };
  return { name, state: "warn", text: `SUPERGRAPH_DIFFERS in use is ${short}, composed here ${composedHash.slice(0, 12)}` };
}

/** Redis, and what gateways recorded there today. */
async function probeRedis(url: string): Promise<Outcome> {
  const { lastDays, readRecordedDays } = await import("../operations/recorded-usage.ts");
  try {
    const [today] = await readRecordedDays(url, lastDays(1, Date.now()));
    const requests = (today?.uses ?? []).reduce((sum, use) => sum + use.requests, 0);
    return { name: "redis", state: "ok", text: `answers; ${requests} requests recorded today` };
  } catch (error) {
    if (error instanceof CouldNotRun) return { name: "redis", state: "fail", text: error.message };
    throw error;
  }
}

const reasonOf = (error: unknown): string => {
  const { message, cause } = error as Error;
  return cause instanceof Error ? cause.message || String((cause as NodeJS.ErrnoException).code) : message;
};
