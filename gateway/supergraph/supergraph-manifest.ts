import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from "node:crypto";
import { z } from "zod";
import { SupergraphRefused } from "./supergraph-refused.ts";

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** What stands beside a published supergraph. */
const manifestShape = z.object({
  format: z.literal("tributary-supergraph/1"),
  /** In the folder of the manifest. */
  file: z.string().regex(/^\w[\w.-]*$/, "is not the name of a file"),
  sha256,
  federationVersion: z.string(),
  gitCommit: z.string().nullable(),
  /** Of the check report this supergraph was published with; null when published without one. */
  reportId: z.string().nullable(),
  subgraphs: z.array(z.object({ name: z.string(), url: z.string(), sha256 })),
  /** Ed25519 over everything else, base64; absent when published without a key. */
  signature: z.string().optional(),
});

export type SupergraphManifest = z.infer<typeof manifestShape>;

export const manifestFileName = "supergraph.manifest.json";

/** Reads the text of a manifest. @throws SupergraphRefused SUPERGRAPH_MANIFEST_INVALID naming `place` */
export function parseManifest(text: string, place: string): SupergraphManifest {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch (cause) {
    throw new SupergraphRefused("SUPERGRAPH_MANIFEST_INVALID", `${place}: is not JSON`, { cause });
  }
  const parsed = manifestShape.safeParse(raw);
  if (!parsed.success) throw new SupergraphRefused("SUPERGRAPH_MANIFEST_INVALID", `${place}: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

/**
 * Makes sure that a supergraph is the one its manifest names and, where a key is given, that its holder signed the manifest.
 * @throws SupergraphRefused SUPERGRAPH_HASH_MISMATCH, SUPERGRAPH_SIGNATURE_INVALID
 */
export function verifySupergraph(manifest: SupergraphManifest, sdl: string, publicKey: KeyObject | undefined): void {
  const found = createHash("sha256").update(sdl).digest("hex");
  if (found !== manifest.sha256) {
    throw new SupergraphRefused(
      "SUPERGRAPH_HASH_MISMATCH",
      `${manifest.file}: its SHA-256 is ${found}, the manifest says ${manifest.sha256}`,
    );
  }
  if (!publicKey) return;
  const { signature } = manifest;
  const isSigned = signature !== undefined && verify(null, signedBytes(manifest), publicKey, Buffer.from(signature, "base64"));
  if (isSigned) return;
  throw new SupergraphRefused(
    "SUPERGRAPH_SIGNATURE_INVALID",
    signature === undefined
      ? "the manifest is not signed"
      : "the manifest was not signed with the key given, or was changed since",
  );
}

/** The manifest with its signature. */
export const signManifest = (manifest: SupergraphManifest, privateKey: KeyObject): SupergraphManifest => ({
  ...manifest,
  signature: sign(null, signedBytes(manifest), privateKey).toString("base64"),
});

/** Parsed members in the order of the shape: spaces, order and unknown members of the file do not matter. */
function signedBytes(manifest: SupergraphManifest): Buffer {
  const { signature: _, ...signed } = manifestShape.parse(manifest);
  return Buffer.from(JSON.stringify(signed));
}

/** An Ed25519 key as PEM, or as the base64 of its DER on one line, as environments carry it. @throws Error */
export const readPublicKey = (text: string): KeyObject =>
  requireEd25519(
    text.includes("-----")
      ? createPublicKey(text)
      : createPublicKey({ key: Buffer.from(text, "base64"), format: "der", type: "spki" }),
  );

/** As `readPublicKey`, for the half that signs. @throws Error */
export const readPrivateKey = (text: string): KeyObject =>
  requireEd25519(
    text.includes("-----")
      ? createPrivateKey(text)
      : createPrivateKey({ key: Buffer.from(text, "base64"), format: "der", type: "pkcs8" }),
  );

function requireEd25519(key: KeyObject): KeyObject {
  if (key.asymmetricKeyType !== "ed25519") throw new Error(`an Ed25519 key is needed, not ${key.asymmetricKeyType}`);
  return key;
}
