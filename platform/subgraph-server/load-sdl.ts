import { readdirSync, readFileSync } from "node:fs";

const commonSdl = new URL("./schema/common.graphql", import.meta.url);

/**
 * The whole SDL of a subgraph: the common file, then every `schema/*.graphql` of `folder` in the order of their names.
 * @throws Error where the folder has no SDL file.
 */
export function loadSdl(folder: URL): string {
  const schemaFolder = new URL("schema/", folder.href.endsWith("/") ? folder : new URL(`${folder.href}/`));
  const names = readdirSync(schemaFolder)
    .filter((name) => name.endsWith(".graphql"))
    .sort();
  if (names.length === 0) throw new Error(`no .graphql file in ${schemaFolder.pathname}`);
  return [commonSdl, ...names.map((name) => new URL(name, schemaFolder))].map((file) => readFileSync(file, "utf8")).join("\n");
}
