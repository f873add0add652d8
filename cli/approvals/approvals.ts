import { parseClientRange } from "../operations/client-range.ts";
import { createFinding, type Finding } from "../report/finding.ts";
import type { DiskCache } from "../source/cache.ts";
import type { FileTree } from "../source/file-tree.ts";
import { parseOnce } from "../source/parse-once.ts";
import type { Approval } from "./approval-shape.ts";

const shapeFile = new URL("./approval-shape.ts", import.meta.url);

/** Reads `schema-approvals.yaml`; none when there is no such file. @throws CouldNotRun */
export async function readApprovals(tree: FileTree, path: string, cache: DiskCache): Promise<readonly Approval[]> {
  if (!tree.find(path)) return [];
  const text = tree.read(path);
  const parse = async (): Promise<readonly Approval[]> => (await import("./approval-shape.ts")).parseApprovals(path, text);
  return parseOnce({ cache, kind: "approvals", text, shapeFile, parse });
}

/**
 * Marks approved findings. An approval that expired leaves its finding as it is and adds a warning, as does one nothing
 * needs. Findings of composition are never covered. `today` is YYYY-MM-DD.
 */
export function applyApprovals(
  findings: readonly Finding[],
  approvals: readonly Approval[],
  path: string,
  today: string,
): Finding[] {
  const extra: Finding[] = [];
  const place = { side: "head", file: path, line: 1, column: 1, frame: [] } as const;
  const warn = (rule: string, { fingerprint }: Approval, message: string): void => {
    extra.push(createFinding({ rule, gate: "approvals", level: "warning", coordinate: fingerprint, message, place }));
  };
  const marked = findings.map((finding) => {
    const own = finding.gate === "compose" ? [] : approvals.filter(({ fingerprint }) => fingerprint === finding.fingerprint);
    const current = own.find((approval) => approval.expires >= today && covers(approval, finding));
    if (current)
      return {
        ...finding,
        approval: { reason: current.reason, approvedBy: current.approvedBy ?? null, expires: current.expires },
      };
    return finding;
  });
  for (const approval of approvals) {
    const finding = findings.find(({ fingerprint }) => fingerprint === approval.fingerprint);
    if (!finding) warn("APPROVAL_UNUSED", approval, `approval ${approval.fingerprint} covers nothing: take it out of ${path}`);
    else if (finding.gate === "compose")
      warn("APPROVAL_UNUSED", approval, `approval ${approval.fingerprint}: composition errors cannot be approved`);
    else if (approval.expires < today)
      warn(
        "APPROVAL_EXPIRED",
        approval,
        `approval ${approval.fingerprint} of ${finding.rule} ${finding.coordinate} expired on ${approval.expires}`,
      );
    else if (!covers(approval, finding))
      warn(
        "APPROVAL_TOO_NARROW",
        approval,
        `approval ${approval.fingerprint} does not cover every client or operation of ${finding.rule} ${finding.coordinate}`,
      );
  }
  return [...marked, ...extra];
}

function covers({ clients, operations }: Approval, finding: Finding): boolean {
  const affected = finding.operations;
  if (operations && !affected.every(({ name }) => operations.includes(name))) return false;
  if (!clients) return true;
  const ranges = clients.map(parseClientRange);
  // An operation of no known client is outside every scope.
  return affected.every(
    ({ clients: users }) =>
      users.length > 0 &&
      users.every(({ name, version }) => ranges.some((range) => range.name === name && range.matches(version))),
  );
}
