import type { AffectedOperation, Finding } from "../report/finding.ts";
import type { ClientImpact, Report } from "../report/report.ts";

/** How many operations fare how; each counts once, by the worst that happens to it. Approved findings do not count. */
export function countOperations(findings: readonly Finding[], total: number): Report["operations"] {
  const order = ["broken", "risky", "slower", "costlier"] as const;
  const worst = new Map<string, number>();
  for (const { operations, approval } of findings) {
    if (approval) continue;
    for (const { hash, status } of operations) worst.set(hash, Math.min(worst.get(hash) ?? order.length, order.indexOf(status)));
  }
  const count = (status: (typeof order)[number]): number =>
    [...worst.values()].filter((rank) => rank === order.indexOf(status)).length;
  return {
    broken: count("broken"),
    risky: count("risky"),
    slower: count("slower"),
    costlier: count("costlier"),
    unaffected: Math.max(0, total - worst.size),
  };
}

/** What each version of each client loses, hardest hit first. */
export function clientImpacts(findings: readonly Finding[]): ClientImpact[] {
  const impacts = new Map<
    string,
    { name: string; version: string; broken: Set<string>; risky: Set<string>; perDay: Map<string, number | null> }
  >();
  for (const { operations, approval } of findings) {
    if (approval) continue;
    for (const { hash, status, clients } of operations) {
      for (const { name, version, requestsPerDay } of clients) {
        const key = `${name}\0${version}`;
        const impact = impacts.get(key) ?? { name, version, broken: new Set(), risky: new Set(), perDay: new Map() };
        (status === "broken" ? impact.broken : impact.risky).add(hash);
        impact.perDay.set(hash, requestsPerDay);
        impacts.set(key, impact);
      }
    }
  }
  return [...impacts.values()]
    .map(({ name, version, broken, risky, perDay }) => ({
      name,
      version,
      broken: broken.size,
      risky: [...risky].filter((hash) => !broken.has(hash)).length,
      requestsPerDay: [...perDay.values()].every((count) => count === null)
        ? null
        : [...perDay.values()].reduce<number>((sum, count) => sum + (count ?? 0), 0),
    }))
    .sort((a, b) => b.broken - a.broken || b.risky - a.risky || (`${a.name} ${a.version}` < `${b.name} ${b.version}` ? -1 : 1));
}

/** Busiest first, then by name. */
export const compareAffected = (a: AffectedOperation, b: AffectedOperation): number =>
  perDay(b) - perDay(a) || (a.name < b.name ? -1 : a.name > b.name ? 1 : a.hash < b.hash ? -1 : 1);

const perDay = ({ clients }: AffectedOperation): number =>
  clients.reduce((sum, { requestsPerDay }) => sum + (requestsPerDay ?? 0), 0);
