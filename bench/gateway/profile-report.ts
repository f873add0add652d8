import type { Profiler } from "node:inspector";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";

type Node = Profiler.ProfileNode;

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Busy time of a CPU profile, largest first: by the innermost file of ours (or package) on the stack, and by function. */
export function profileReport(profile: Profiler.Profile, { top = 30 }: { readonly top?: number } = {}): string {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const parents = new Map(profile.nodes.flatMap((node) => (node.children ?? []).map((child) => [child, node.id] as const)));
  const byFile = new Map<string, number>();
  const byFunction = new Map<string, number>();
  let busyUs = 0;
  profile.samples?.forEach((id, index) => {
    const node = nodes.get(id);
    if (!node || node.callFrame.functionName === "(idle)" || isProfiler(node)) return;
    const us = profile.timeDeltas?.[index] ?? 0;
    busyUs += us;
    add(byFile, ownerOf(node), us);
    add(byFunction, functionOf(node), us);
  });

  function isProfiler(leaf: Node): boolean {
    for (let node: Node | undefined = leaf; node; node = nodes.get(parents.get(node.id) ?? -1)) {
      if (node.callFrame.url.endsWith("/profile-on-signal.ts")) return true;
    }
    return false;
  }

  /** The file on whose behalf a frame of Node or V8 runs. */
  function ownerOf(leaf: Node): string {
    const { functionName } = leaf.callFrame;
    if (functionName === "(garbage collector)" || functionName === "(program)") return functionName;
    for (let node: Node | undefined = leaf; node; node = nodes.get(parents.get(node.id) ?? -1)) {
      const place = placeOf(node);
      if (place !== "node" && place !== "") return place;
    }
    return "node (http, streams, net, timers)";
  }

  const table = (title: string, entries: Map<string, number>): string =>
    [
      `  self %  ${title}`,
      ...[...entries]
        .sort((a, b) => b[1] - a[1])
        .slice(0, top)
        .map(([name, us]) => `  ${((us / busyUs) * 100).toFixed(1).padStart(6)}  ${name}`),
    ].join("\n");
  return `${table("by file (with what Node and V8 did for it)", byFile)}\n\n${table("by function", byFunction)}`;
}

const add = (sums: Map<string, number>, key: string, us: number): void => void sums.set(key, (sums.get(key) ?? 0) + us);

const functionOf = (node: Node): string => {
  const { functionName, lineNumber, url } = node.callFrame;
  const place = placeOf(node);
  return [functionName || "(anonymous)", url && !url.startsWith("node:") ? `${place}:${lineNumber + 1}` : place].join("  ");
};

/** A path in the repository, the name of a package, `node`, `generated code`, or nothing for what is V8's own. */
function placeOf({ callFrame: { url, scriptId } }: Node): string {
  if (url === "") return scriptId === "0" ? "" : "generated code";
  if (url.startsWith("node:")) return "node";
  const path = url.startsWith("file:") ? relative(root, fileURLToPath(url)) : url;
  return /^.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? path;
}
