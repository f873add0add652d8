// Writes .env with new secrets for `docker compose up`; leaves an existing .env as it is. Plain Node 18 or newer.
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const secret = () => randomBytes(32).toString("base64url");
const names = ["SUPERUSER", "OWNER", "APP", "READER", "REPLICATION"].map((role) => `POSTGRES_${role}_PASSWORD`);
const lines = [...names, "SUBGRAPH_SECRET", "CURSOR_SECRET"].map((name) => `${name}=${secret()}`);
const key = JSON.stringify(generateKeyPairSync("ed25519").privateKey.export({ format: "jwk" }));

try {
  const file = fileURLToPath(new URL("../.env", import.meta.url));
  writeFileSync(file, `${lines.join("\n")}\nTOKEN_PRIVATE_JWK='${key}'\n`, { mode: 0o600, flag: "wx" });
  console.log("Wrote .env. Next: docker compose up --build");
} catch (error) {
  if (error.code !== "EEXIST") throw error;
  console.log("There is a .env already; nothing changed.");
}
