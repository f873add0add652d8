import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { CouldNotRun } from "./exit-codes.ts";
import { type Gate, gates, type Level } from "./report/finding.ts";
import { type Format, formats } from "./report/render.ts";

const options = {
  config: { type: "string", default: "supergraph.yaml" },
  settings: { type: "string", default: "supergraph.check.yaml" },
  approvals: { type: "string", default: "schema-approvals.yaml" },
  base: { type: "string" },
  "merge-base": { type: "boolean", default: false },
  only: { type: "string" },
  delete: { type: "string", multiple: true, default: [] as string[] },
  format: { type: "string" },
  out: { type: "string", multiple: true, default: [] as string[] },
  output: { type: "string", short: "o" },
  "check-only": { type: "boolean", default: false },
  "fail-on": { type: "string", default: "error" },
  "fail-on-hint": { type: "string", multiple: true, default: [] as string[] },
  since: { type: "string" },
  "min-count": { type: "string", default: "0" },
  "min-percent": { type: "string", default: "0" },
  "ignore-client": { type: "string", multiple: true, default: [] as string[] },
  usage: { type: "string", default: "auto" },
  "usage-file": { type: "string", multiple: true, default: [] as string[] },
  operations: { type: "string", multiple: true, default: [] as string[] },
  color: { type: "string", default: "auto" },
  quiet: { type: "boolean", short: "q", default: false },
  verbose: { type: "boolean", short: "v", default: false },
  cwd: { type: "string" },
  "no-cache": { type: "boolean", default: false },
  reason: { type: "string" },
  expires: { type: "string" },
  "approved-by": { type: "string" },
  client: { type: "string", multiple: true, default: [] as string[] },
  operation: { type: "string", multiple: true, default: [] as string[] },
  count: { type: "string", default: "1" },
  redis: { type: "string" },
  url: { type: "string" },
  report: { type: "string" },
  "sign-key": { type: "string" },
  "public-key": { type: "string" },
  gateway: { type: "string" },
  database: { type: "string" },
  from: { type: "string", default: "auto" },
  days: { type: "string" },
  help: { type: "boolean", short: "h", default: false },
  version: { type: "boolean", default: false },
} as const;

/** Names of all flags, for completion. */
export const flagNames: readonly string[] = Object.keys(options).map((name) => `--${name}`);

export interface Invocation {
  readonly words: readonly string[];
  readonly flags: Flags;
}

export type Flags = ReturnType<typeof parse>["values"];

const parse = (argv: readonly string[]) => parseArgs({ args: [...argv], options, allowPositionals: true, strict: true });

/** @throws CouldNotRun naming the flag at fault */
export function parseInvocation(argv: readonly string[]): Invocation {
  try {
    const { values, positionals } = parse(argv);
    return { words: positionals, flags: values };
  } catch (cause) {
    throw new CouldNotRun(`${cause instanceof Error ? cause.message : String(cause)}\nRun: supergraph --help`, { cause });
  }
}

export function choiceOf<T extends string>(name: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((one) => one === value);
  if (found === undefined) throw new CouldNotRun(`--${name} ${value}: is none of ${allowed.join(", ")}`);
  return found;
}

export const failOnOf = (flags: Flags): Level | "never" =>
  choiceOf("fail-on", flags["fail-on"], ["error", "warning", "info", "never"]);

const gateNames = {
  compose: "compose",
  diff: "changes",
  changes: "changes",
  federation: "federation",
  operations: "operations",
  plan: "plans",
  plans: "plans",
  cost: "cost",
  approvals: "approvals",
} as const;

/** The gates `--only` names; composition and approvals always run. */
export function gatesOf({ only }: Flags): ReadonlySet<Gate> {
  if (only === undefined) return new Set(gates);
  const named = only.split(",").map((name) => {
    if (!Object.hasOwn(gateNames, name)) throw new CouldNotRun(`--only ${name}: is none of ${Object.keys(gateNames).join(", ")}`);
    return gateNames[name as keyof typeof gateNames];
  });
  return new Set<Gate>(["compose", "approvals", ...named]);
}

export function numberOf(name: string, value: string): number {
  const number = Number(value);
  if (value.trim() === "" || !Number.isFinite(number) || number < 0) throw new CouldNotRun(`--${name} ${value}: is not a number`);
  return number;
}

const maxDays = 36_500; // a hundred years: a calendar ends somewhere

/** `30d`, `12h` or `2w` in days. */
export function daysOf(name: string, value: string): number {
  const [, number, unit] = /^(\d+)([hdw])$/.exec(value) ?? [];
  if (!number) throw new CouldNotRun(`--${name} ${value}: is not a time such as 30d, 12h or 2w`);
  const days = Number(number) * ({ h: 1 / 24, d: 1, w: 7 } as const)[unit as "h" | "d" | "w"];
  if (days > maxDays) throw new CouldNotRun(`--${name} ${value}: is more than ${maxDays} days`);
  return days;
}

export interface Output {
  readonly format: Format;
  /** Null: stdout. */
  readonly file: string | null;
}

/** What goes where: `--format` to stdout, each `--out FORMAT=FILE` to a file. In GitHub Actions stdout gets annotations. */
export function outputsOf(flags: Flags, env: Readonly<Record<string, string | undefined>>, root: string): Output[] {
  const onStdout =
    flags.format === undefined
      ? env.GITHUB_ACTIONS === "true"
        ? "github"
        : "pretty"
      : choiceOf("format", flags.format, formats);
  const outputs: Output[] = flags.out.map((text) => {
    const [format, file] = [text.slice(0, text.indexOf("=")), text.slice(text.indexOf("=") + 1)];
    if (!text.includes("=") || file === "") throw new CouldNotRun(`--out ${text}: is not FORMAT=FILE`);
    return { format: choiceOf("out", format, formats), file: file === "-" ? null : resolve(root, file) };
  });
  if (flags.format === undefined && env.GITHUB_STEP_SUMMARY && env.GITHUB_ACTIONS === "true")
    outputs.push({ format: "markdown", file: env.GITHUB_STEP_SUMMARY });
  return [{ format: onStdout, file: null }, ...outputs];
}

/** Colours: as asked, else when stdout is a terminal and NO_COLOR is not set. */
export function wantsColor({ color }: Flags, env: Readonly<Record<string, string | undefined>>): boolean {
  const choice = choiceOf("color", color, ["auto", "always", "never"]);
  if (choice !== "auto") return choice === "always";
  return !env.NO_COLOR && process.stdout.isTTY === true;
}
