import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { loadGatewayConfig } from "@tributary/gateway/config";
import { loadNotificationsConfig } from "@tributary/notifications/config";
import { loadTasksConfig } from "@tributary/tasks/config";
import { loadUsersConfig } from "@tributary/users/config";
import { parse } from "yaml";

const repository = join(import.meta.dirname, "..");
const text = readFileSync(join(repository, "docker-compose.yml"), "utf8");
const variables = [...text.matchAll(/\$\{([A-Z_]+):\?/g)].map(([, name]) => name as string);
const privateJwk = JSON.stringify(generateKeyPairSync("ed25519").privateKey.export({ format: "jwk" }));
const resolved = text.replace(/\$\{([A-Z_]+):\?[^}]*\}/g, (_, name: string) =>
  name === "TOKEN_PRIVATE_JWK" ? `'${privateJwk}'` : name.toLowerCase().padEnd(32, "x"),
);
const { services } = parse(resolved, { merge: true }) as {
  services: Record<string, { image?: string; command?: string[]; environment?: Record<string, string> }>;
};

test("every role that runs in production runs under compose, with the settings it requires", () => {
  const loaders = {
    gateway: loadGatewayConfig,
    users: loadUsersConfig,
    tasks: loadTasksConfig,
    notifications: loadNotificationsConfig,
  };
  for (const [name, load] of Object.entries(loaders))
    for (const role of name === "gateway" ? [name] : [name, `${name}-worker`]) {
      const service = services[role];
      assert.doesNotThrow(() => load(service?.environment ?? {}), role);
      assert.ok(existsSync(join(repository, service?.command?.[0] ?? "missing")), role);
    }
});

test("each service's database is made and migrated, and the gateway's usage goes to its own as the app's role", () => {
  for (const name of ["users", "tasks", "notifications", "gateway"]) {
    assert.match(text, new RegExp(`^ +CREATE DATABASE ${name} OWNER tributary_owner;$`, "m"));
    const { command, environment } = services[`migrate-${name}`] ?? {};
    assert.ok(existsSync(join(repository, command?.[0] ?? "missing")), name);
    const owner = new URL(environment?.DATABASE_OWNER_URL ?? "");
    assert.deepEqual([owner.username, owner.pathname], ["tributary_owner", `/${name}`]);
  }
  const usage = new URL(loadGatewayConfig(services.gateway?.environment ?? {}).usage?.databaseUrl ?? "");
  assert.deepEqual([usage.username, usage.pathname], ["tributary_app", "/gateway"]);
});

test("Redis keeps what it is given", () => {
  const command = services.redis?.command?.join(" ");
  assert.match(command ?? "", /--appendonly yes --appendfsync everysec --maxmemory-policy noeviction/);
});

test("the script that writes .env gives every variable that compose asks for", () => {
  const script = readFileSync(join(repository, "scripts", "write-compose-env.mjs"), "utf8");
  for (const name of new Set(variables)) {
    const role = /^POSTGRES_([A-Z]+)_PASSWORD$/.exec(name)?.[1];
    assert.ok(script.includes(role ? `"${role}"` : name), name);
  }
});
