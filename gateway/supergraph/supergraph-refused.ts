/** Why a supergraph is not taken. The first three say that what was published is not what arrived. */
export type RefusalCode =
  | "SUPERGRAPH_HASH_MISMATCH"
  | "SUPERGRAPH_SIGNATURE_INVALID"
  | "SUPERGRAPH_MANIFEST_INVALID"
  | "SUPERGRAPH_UNREACHABLE"
  | "SUPERGRAPH_INVALID";

/** A supergraph that is not taken; the present one stays. */
export class SupergraphRefused extends Error {
  readonly code: RefusalCode;
  constructor(code: RefusalCode, message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = "SupergraphRefused";
    this.code = code;
  }
}

/** True where waiting cannot help: somebody has to publish again, or give another key. */
export const isTampered = (code: RefusalCode): boolean =>
  code === "SUPERGRAPH_HASH_MISMATCH" || code === "SUPERGRAPH_SIGNATURE_INVALID";
