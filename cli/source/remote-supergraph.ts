import { fetchText } from "@tributary/gateway/supergraph/fetch-text";
import { parseManifest, type SupergraphManifest, verifySupergraph } from "@tributary/gateway/supergraph/supergraph-manifest";
import { SupergraphRefused } from "@tributary/gateway/supergraph/supergraph-refused";
import { z } from "zod";
import { CouldNotRun } from "../exit-codes.ts";

/** What a gateway's private port says of its supergraph, the part that is used. */
const statusShape = z.object({
  hash: z.string().nullable(),
  refused: z.object({ code: z.string(), message: z.string() }).nullable(),
});

export type GatewayStatus = z.infer<typeof statusShape>;

/** @throws SupergraphRefused SUPERGRAPH_UNREACHABLE */
export async function readGatewayStatus(adminUrl: string): Promise<GatewayStatus> {
  const answer = await fetchText(new URL("supergraph", withSlash(adminUrl)));
  const parsed = statusShape.safeParse(JSON.parse(answer?.text ?? "null"));
  if (!parsed.success) throw new SupergraphRefused("SUPERGRAPH_UNREACHABLE", `${adminUrl}: is not the private port of a gateway`);
  return parsed.data;
}

/**
 * The supergraph that a URL names: that of a manifest, or the one a running gateway uses, by the address of its private
 * port. @throws CouldNotRun with the code of what is wrong
 */
export async function readRemoteSupergraph(url: string): Promise<{ label: string; sdl: string }> {
  try {
    return url.split("?")[0]!.endsWith(".json") ? await ofManifest(new URL(url)) : await ofGateway(url);
  } catch (cause) {
    if (cause instanceof SupergraphRefused) throw new CouldNotRun(`${cause.code}: ${cause.message}`, { cause });
    throw cause;
  }
}

async function ofManifest(url: URL): Promise<{ label: string; sdl: string }> {
  const manifest: SupergraphManifest = parseManifest((await fetchText(url))?.text ?? "", url.pathname);
  const sdl = (await fetchText(new URL(manifest.file, url)))?.text ?? "";
  verifySupergraph(manifest, sdl, undefined);
  return { label: `${url.host} (${manifest.gitCommit?.slice(0, 7) ?? manifest.sha256.slice(0, 7)})`, sdl };
}

async function ofGateway(adminUrl: string): Promise<{ label: string; sdl: string }> {
  const sdl = (await fetchText(new URL("supergraph.graphql", withSlash(adminUrl))))?.text ?? "";
  return { label: `gateway ${new URL(adminUrl).host}`, sdl };
}

const withSlash = (url: string): string => (url.endsWith("/") ? url : `${url}/`);
