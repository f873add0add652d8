import { generateKeyPairSync, randomBytes } from "node:crypto";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { type DataPasswords, generatePasswords } from "./data-stack.ts";

/** Everything secret of one local stack. */
export interface StackSecrets {
  readonly passwords: DataPasswords;
  /** Between gateway and subgraphs. */
  readonly subgraphSecret: string;
  /** Signs page and feed cursors. */
  readonly cursorSecret: string;
  /** Signs access tokens: an Ed25519 private key as JWK, in JSON. */
  readonly tokenPrivateJwk: string;
}

/** The secrets in `file` (mode 0600); made at the first call, so that sessions and cursors outlive a restart. */
export function loadSecrets(file: string): StackSecrets {
  if (!existsSync(file)) {
    writeFileSync(`${file}.new`, `${JSON.stringify(generateSecrets(), null, 2)}\n`, { mode: 0o600 });
    renameSync(`${file}.new`, file);
  }
  return JSON.parse(readFileSync(file, "utf8")) as StackSecrets;
}

/** New random secrets. */
export function generateSecrets(): StackSecrets {
  return {
    passwords: generatePasswords(),
    subgraphSecret: randomBytes(32).toString("base64url"),
    cursorSecret: randomBytes(32).toString("base64url"),
    tokenPrivateJwk: JSON.stringify(generateKeyPairSync("ed25519").privateKey.export({ format: "jwk" })),
  };
}
