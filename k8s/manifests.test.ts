import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { loadGatewayConfig } from "@tributary/gateway/config";
import { loadNotificationsConfig } from "@tributary/notifications/config";
import { loadTasksConfig } from "@tributary/tasks/config";
import { loadUsersConfig } from "@tributary/users/config";
import { type Container, type Manifest, podSpecOf, readKustomization } from "./manifests.ts";

const manifests = readKustomization(join(import.meta.dirname, "base"));
const ofKind = (kind: string) => manifests.filter((manifest) => manifest.kind === kind);
const pods = manifests.flatMap((manifest) => {
  const spec = podSpecOf(manifest);
  return spec ? [{ manifest, spec, container: spec.containers[0] as Container }] : [];
});
const deployments = pods.filter(({ manifest }) => manifest.kind === "Deployment");

const secretValues: Readonly<Record<string, string>> = {
  TOKEN_PRIVATE_JWK: JSON.stringify(generateKeyPairSync("ed25519").privateKey.export({ format: "jwk" })),
  SUBGRAPH_SECRET: "s".repeat(32),
  CURSOR_SECRET: "c".repeat(32),
  REDIS_URL: "redis://redis:6379",
  SMTP_URL: "smtp://mail:587",
};
const loaders: Readonly<Record<string, (env: Record<string, string>) => unknown>> = {
  gateway: loadGatewayConfig,
  users: loadUsersConfig,
  tasks: loadTasksConfig,
  notifications: loadNotificationsConfig,
};

test("every pod is restricted: no root, no writable root file system, no capability, no token, a bound of memory", () => {
  for (const { manifest, spec, container } of pods) {
    const { file } = manifest;
    assert.equal(spec.containers.length, 1, file);
    assert.equal(spec.automountServiceAccountToken, false, file);
    assert.deepEqual(
      spec.securityContext,
      { runAsNonRoot: true, runAsUser: 10001, runAsGroup: 10001, seccompProfile: { type: "RuntimeDefault" } },
      file,
    );
    assert.deepEqual(
      container.securityContext,
      { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ["ALL"] } },
      file,
    );
    for (const forbidden of ["hostNetwork", "hostPID", "hostIPC", "serviceAccountName", "volumes"])
      assert.ok(!(forbidden in spec), `${file}: ${forbidden}`);
    const heapMib = Number(/--max-old-space-size=(\d+)/.exec(environmentOf(container).NODE_OPTIONS ?? "")?.[1]);
    assert.equal(container.resources.limits.memory, `${heapMib * 1.5}Mi`, file);
    assert.equal(container.resources.requests.memory, container.resources.limits.memory, file);
    assert.ok(!("cpu" in container.resources.limits), file);
  }
});

test("every pod runs a file of this repository, and the image of the others", () => {
  for (const { manifest, container } of pods) {
    assert.equal(container.image, "tributary", manifest.file);
    assert.equal(container.args.length, 1, manifest.file);
    assert.ok(existsSync(join(import.meta.dirname, "..", container.args[0] ?? "")), `${manifest.file}: ${container.args[0]}`);
  }
  const entries = globSync(["gateway/{main,migrate}.ts", "subgraphs/*/{main,worker,migrate}.ts"], {
    cwd: join(import.meta.dirname, ".."),
  });
  assert.deepEqual([...new Set(pods.flatMap(({ container }) => container.args))].sort(), entries.sort());
});

test("every deployment has the settings its service requires", () => {
  for (const { manifest, container } of deployments) {
    const load = loaders[manifest.metadata.name.replace(/-worker$/, "")];
    assert.ok(load, manifest.file);
    assert.doesNotThrow(() => load(environmentOf(container)), manifest.file);
  }
});

test("recorded usage has a database, its tables, and a way there", () => {
  const gateway = deployments.find(({ manifest }) => manifest.metadata.name === "gateway");
  assert.ok(gateway);
  assert.ok(loadGatewayConfig(environmentOf(gateway.container)).usage?.databaseUrl);
  const migration = pods.find(({ container }) => container.args[0] === "gateway/migrate.ts");
  assert.equal(migration?.manifest.kind, "Job");
  const policy = ofKind("NetworkPolicy").find(({ metadata }) => metadata.name === "gateway")?.spec as
    | NetworkPolicySpec
    | undefined;
  assert.ok(policy?.egress?.some(({ ports }) => ports?.some(({ port }) => port === 5432)));
});

test("the secrets that manifests ask for are those the README tells to make", () => {
  const readme = readFileSync(join(import.meta.dirname, "README.md"), "utf8");
  const told = [...readme.matchAll(/^\| `(tributary-[a-z]+)` +\|/gm)].map(([, name]) => name);
  const asked = pods.flatMap(({ container }) => [
    ...(container.envFrom ?? []).flatMap(({ secretRef }) => secretRef?.name ?? []),
    ...(container.env ?? []).flatMap(({ valueFrom }) => valueFrom?.secretKeyRef.name ?? []),
  ]);
  assert.deepEqual([...new Set(asked)].sort(), told.sort());
});

test("every deployment is probed on its admin port and drains before it ends", () => {
  for (const { manifest, spec, container } of deployments) {
    const { file } = manifest;
    const environment = environmentOf(container);
    const portOf = (name: string) => container.ports?.find((port) => port.name === name)?.containerPort;
    assert.equal(String(portOf("admin")), environment.ADMIN_PORT, file);
    assert.deepEqual(container.startupProbe?.httpGet, { path: "/health/live", port: "admin" }, file);
    assert.deepEqual(container.livenessProbe?.httpGet, { path: "/health/live", port: "admin" }, file);
    assert.deepEqual(container.readinessProbe?.httpGet, { path: "/health/ready", port: "admin" }, file);
    assert.equal(container.lifecycle?.preStop.sleep.seconds, 5, file);
    assert.equal(spec.terminationGracePeriodSeconds, 45, file);
    assert.ok(5 + Number(environment.STOP_DEADLINE_MS) / 1_000 <= 40, file);
    const { strategy } = manifest.spec as { strategy: { rollingUpdate: { maxUnavailable: number } } };
    assert.equal(strategy.rollingUpdate.maxUnavailable, 0, file);
  }
});

test("every deployment has a disruption budget, and each that takes requests a service and an autoscaler", () => {
  const names = (kind: string) => ofKind(kind).map(({ metadata }) => metadata.name);
  const all = deployments.map(({ manifest }) => manifest.metadata.name);
  const serving = deployments.filter(({ container }) => container.ports?.some(({ name }) => name === "http"));
  assert.deepEqual(names("PodDisruptionBudget").sort(), all.sort());
  for (const kind of ["Service", "HorizontalPodAutoscaler"])
    assert.deepEqual(names(kind).sort(), serving.map(({ manifest }) => manifest.metadata.name).sort(), kind);
  for (const { manifest } of serving)
    assert.ok(!("replicas" in (manifest.spec ?? {})), `${manifest.file}: the autoscaler sets it`);
  for (const scaler of ofKind("HorizontalPodAutoscaler"))
    assert.match(JSON.stringify(scaler.spec), /nodejs_eventloop_lag_p99_seconds/, "by more than the CPU");
});

test("nothing may come in or go out but what is drawn", () => {
  const policies = ofKind("NetworkPolicy") as (Manifest & { spec: NetworkPolicySpec })[];
  const deny = policies.find(({ metadata }) => metadata.name === "default-deny");
  assert.deepEqual(deny?.spec.podSelector, {});
  assert.deepEqual(deny?.spec.policyTypes, ["Ingress", "Egress"]);
  assert.ok(!deny?.spec.ingress);
  const policyOf = (name: string) =>
    policies.find(({ spec }) => spec.podSelector.matchLabels?.["app.kubernetes.io/name"] === name)?.spec;
  for (const { manifest } of deployments) {
    const policy = policyOf(manifest.metadata.name);
    assert.deepEqual(policy?.policyTypes, ["Ingress", "Egress"], manifest.file);
    for (const { ports } of policy?.egress ?? []) assert.ok(ports?.length, `${manifest.file}: egress to every port`);
  }
  for (const name of ["users", "tasks", "notifications"])
    for (const { from } of policyOf(name)?.ingress ?? []) assert.ok(from?.length, `${name} is open to all`);
});

interface NetworkPolicySpec {
  readonly podSelector: { readonly matchLabels?: Record<string, string> };
  readonly policyTypes: readonly string[];
  readonly ingress?: readonly { readonly from?: readonly unknown[] }[];
  readonly egress?: readonly { readonly ports?: readonly { readonly port: number }[] }[];
}

/** What the process of a container would find in its environment. */
function environmentOf({ env = [], envFrom = [] }: Container): Record<string, string> {
  const result: Record<string, string> = {};
  for (const { configMapRef, secretRef } of envFrom) {
    if (configMapRef)
      Object.assign(result, ofKind("ConfigMap").find(({ metadata }) => metadata.name === configMapRef.name)?.data);
    if (secretRef) for (const key of secretKeys(secretRef.name)) result[key] = secretValues[key] ?? `postgres://db/${key}`;
  }
  for (const { name, value, valueFrom } of env) result[name] = value ?? `postgres://db/${valueFrom?.secretKeyRef.key}`;
  return result;
}

/** The keys of a secret, as the README tells them. */
function secretKeys(secret: string): string[] {
  const readme = readFileSync(join(import.meta.dirname, "README.md"), "utf8");
  const row = new RegExp(`^\\| \`${secret}\` +\\|(.*)$`, "m").exec(readme)?.[1] ?? "";
  return [...row.matchAll(/`([A-Z_]+)`/g)].map(([, key]) => key as string);
}
