import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { parseAllDocuments } from "yaml";

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly args: readonly string[];
  readonly env?: readonly {
    readonly name: string;
    readonly value?: string;
    readonly valueFrom?: { readonly secretKeyRef: { readonly name: string; readonly key: string } };
  }[];
  readonly envFrom?: readonly {
    readonly configMapRef?: { readonly name: string };
    readonly secretRef?: { readonly name: string };
  }[];
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[];
  readonly startupProbe?: Probe;
  readonly livenessProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly lifecycle?: { readonly preStop: { readonly sleep: { readonly seconds: number } } };
  readonly resources: { readonly requests: Record<string, string>; readonly limits: Record<string, string> };
  readonly securityContext?: Record<string, unknown>;
}

interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
}

export interface PodSpec {
  readonly containers: readonly Container[];
  readonly automountServiceAccountToken?: boolean;
  readonly terminationGracePeriodSeconds?: number;
  readonly securityContext?: Record<string, unknown>;
  readonly volumes?: readonly Record<string, unknown>[];
}

/** As much of a Kubernetes object as the checks look at. */
export interface Manifest {
  readonly file: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly data?: Record<string, string>;
  readonly spec?: Record<string, unknown>;
}

/** The objects of a kustomization folder and of those it names, as written; patches and images are not applied. */
export function readKustomization(folder: string, root = folder): Manifest[] {
  const { resources } = parseFile(join(folder, "kustomization.yaml"))[0] as { resources: string[] };
  return resources.flatMap((resource) => {
    const path = join(folder, resource);
    if (!resource.endsWith(".yaml")) return readKustomization(path, root);
    return parseFile(path).map((document) => ({ ...(document as Manifest), file: relative(dirname(root), path) }));
  });
}

/** The pods that a manifest makes, if it makes any. */
export function podSpecOf({ kind, spec }: Manifest): PodSpec | null {
  const template = (holder: unknown) => (holder as { template: { spec: PodSpec } }).template.spec;
  if (kind === "Deployment" || kind === "Job") return template(spec);
  if (kind === "CronJob") return template((spec as { jobTemplate: { spec: unknown } }).jobTemplate.spec);
  return null;
}

function parseFile(path: string): unknown[] {
  return parseAllDocuments(readFileSync(path, "utf8")).map((document) => {
    if (document.errors.length > 0) throw new Error(`${path}: ${document.errors[0]?.message}`);
    return document.toJS();
  });
}
