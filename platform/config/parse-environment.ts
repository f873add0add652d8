import type { Reader } from "./readers.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

type Shape = Readonly<Record<string, Reader<unknown>>>;
/** The values of variables that were read. */
export type ParsedEnvironment<S extends Shape> = {
  readonly [Name in keyof S]: S[Name] extends Reader<infer Value> ? Value : never;
};

/** What is wrong with the environment: one line for each fault. Values are never repeated, as some are secret. */
export class ConfigurationError extends Error {
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(`The environment is not usable:\n${faults.map((fault) => `  ${fault}`).join("\n")}`);
    this.name = "ConfigurationError";
    this.faults = faults;
  }
}

/** Reads the named variables into a typed object; an empty variable counts as unset. @throws ConfigurationError with all faults */
export function parseEnvironment<S extends Shape>(env: Environment, shape: S): ParsedEnvironment<S> {
  const faults: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, reader] of Object.entries(shape)) {
    const text = env[name];
    const result = text === undefined || text === "" ? reader.unset() : reader.parse(text);
    if ("fault" in result) faults.push(`${name} ${result.fault}`);
    else values[name] = result.value;
  }
  if (faults.length > 0) throw new ConfigurationError(faults);
  return values as ParsedEnvironment<S>;
}
