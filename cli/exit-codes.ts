/** What the command's exit code says; computed from the same report that JSON prints. */
export const exitCodes = { safe: 0, findings: 1, couldNotRun: 2, doesNotCompose: 3, noEvidence: 4, bug: 70 } as const;

/** The command could not do what was asked: wrong flags, a missing file, an unknown git ref. Printed without a stack. */
export class CouldNotRun extends Error {
  readonly exitCode: number;
  constructor(message: string, options: { exitCode?: number; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.name = "CouldNotRun";
    this.exitCode = options.exitCode ?? exitCodes.couldNotRun;
  }
}
