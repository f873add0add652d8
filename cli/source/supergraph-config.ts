import { parse as parseYaml } from "yaml";
import { z } from "zod";
import { CouldNotRun } from "../exit-codes.ts";

const configShape = z.object({
  federation_version: z.union([z.string(), z.number()]).optional(),
  subgraphs: z.record(
    z.string().regex(/^[A-Za-z_][A-Za-z0-9_-]*$/, "is not a subgraph name"),
    z.object({
      routing_url: z.string().optional(),
      schema: z.object({
        file: z.union([z.string(), z.array(z.string()).min(1)]).optional(),
        subgraph_url: z.string().optional(),
      }),
    }),
  ),
});

export type SupergraphConfig = z.infer<typeof configShape>;

/** `supergraph.yaml` in rover's shape. @throws CouldNotRun naming the file and the fault */
export function parseSupergraphConfig(path: string, text: string): SupergraphConfig {
  let raw: unknown;
  try {
    raw = parseYaml(text);
  } catch (cause) {
    throw new CouldNotRun(`${path}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
  const parsed = configShape.safeParse(raw);
  if (!parsed.success) throw new CouldNotRun(`${path}: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}
