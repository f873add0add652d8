import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

/** The version of a package the command uses, read without loading it. */
export const installedVersion = (name: string): string =>
  (require(`${name}/package.json`) as { readonly version: string }).version;

/** The version of this package. */
export const toolVersion = (): string => (require("./package.json") as { readonly version: string }).version;
