// Starts everything of Tributary on this machine and stops it on Ctrl-C. `--help` tells the options.
import { enableCompileCache } from "node:module";
import { join } from "node:path";

// Before anything large is loaded: types are stripped and code compiled once, not at every start.
enableCompileCache(join(import.meta.dirname, "..", ".data", "cache", "compile"));
await import("@tributary/platform/quick-imports");

const { readStartOptions, usage } = await import("./start-options.ts");
const { startLocalStack } = await import("./local-stack.ts");

try {
  const options = readStartOptions(process.argv.slice(2));
  if (options) await startLocalStack(options);
  else console.log(usage);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
