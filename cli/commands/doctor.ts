import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { readSettings } from "../check/settings.ts";
import { type ComposedSide, composeSide } from "../compose/compose-side.ts";
import { exitCodes } from "../exit-codes.ts";
import { keysOf } from "../federation/directives.ts";
import { probeSubgraph } from "../federation/probe-subgraph.ts";
import { visibleLine, withoutSecrets } from "../report/shown-text.ts";
import { openWorkTree } from "../source/file-tree.ts";
import { git } from "../source/git.ts";
import type { CommandContext } from "./command-context.ts";
import { openHead } from "./prepare-check.ts";
import { type Outcome, probeServices } from "./probe-services.ts";

/**
 * `supergraph doctor`: what the machine, the configuration and what runs lack. Subgraphs that are not up only warn; a gateway
 * or Redis that was named and does not answer fails.
 */
export async function doctor(context: CommandContext): Promise<number> {
  const outcomes: Outcome[] = [
    await attempt("node", () => `${process.versions.node}`),
    await attempt("git", () => `HEAD ${git.headCommit(context.root)?.slice(0, 7) ?? "has no commit"}`),
    await attempt("settings", async () => {
      await readSettings(openWorkTree(context.root), context.flags.settings, context.cache);
      return existsSync(resolve(context.root, context.flags.settings)) ? context.flags.settings : "none: defaults hold";
    }),
  ];
  let composed: ComposedSide | undefined;
  outcomes.push(
    await attempt("compose", async () => {
      composed = await composeSide((await openHead(context)).source, context.cache);
      if (composed.faults.length > 0) throw new Error(composed.faults[0]!.message);
      return `${composed.subgraphs.length} subgraphs, supergraph ${composed.hash.slice(0, 12)}`;
    }),
  );
  for (const { name, url } of composed?.subgraphs ?? []) {
    const address = context.env[`SUBGRAPH_${name.toUpperCase()}_URL`] ?? url;
    const entities = [...composed!.definitions].filter(([, list]) =>
      list.some((one) => one.subgraph === name && keysOf(one).some(({ resolvable }) => resolvable)),
    );
    const probe = await probeSubgraph(
      address,
      entities.map(([type]) => type),
    );
    const state = probe.missingResolvers.length > 0 ? "fail" : probe.reachable ? "ok" : "warn";
    const missing = probe.missingResolvers.map((type) => `FED_REFERENCE_RESOLVER_MISSING ${type}`).join(", ");
    const down = probe.reachable ? "" : "SUBGRAPH_UNREACHABLE ";
    outcomes.push({ name: `subgraph ${name}`, state, text: `${down}${address}: ${missing || probe.detail}` });
  }
  outcomes.push(...(await probeServices(context, composed?.faults.length === 0 ? composed.hash : undefined)));
  for (const { name, state, text } of outcomes)
    console.log(visibleLine(withoutSecrets(`${state.padEnd(4)}  ${name.padEnd(24)} ${text}`)));
  return outcomes.some(({ state }) => state === "fail") ? exitCodes.findings : exitCodes.safe;
}

async function attempt(name: string, work: () => string | Promise<string>): Promise<Outcome> {
  try {
    return { name, state: "ok", text: await work() };
  } catch (error) {
    return { name, state: "fail", text: error instanceof Error ? error.message.split("\n")[0]! : String(error) };
  }
}
