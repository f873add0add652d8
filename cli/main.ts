// The `supergraph` command. Report to stdout, progress to stderr; the exit code comes from the report (exit-codes.ts).
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CouldNotRun, exitCodes } from "./exit-codes.ts";

process.stdout.on("error", () => process.exit(process.exitCode ?? 0)); // `supergraph check | head` closes early

try {
  const { runCommand } = await import("./run-command.ts");
  process.exitCode = await runCommand(process.argv.slice(2), process.env, process.cwd());
} catch (error) {
  if (error instanceof RangeError && /call stack/.test(error.message)) {
    console.error("supergraph: a schema or operation is nested too deep");
    process.exitCode = exitCodes.couldNotRun;
  } else if (error instanceof CouldNotRun) {
    const { visible, withoutSecrets } = await import("./report/shown-text.ts");
    console.error(`supergraph: ${visible(withoutSecrets(error.message))}`);
    process.exitCode = error.exitCode;
  } else {
    const file = join(mkdtempSync(join(tmpdir(), "supergraph-")), "error.txt");
    writeFileSync(file, error instanceof Error ? (error.stack ?? error.message) : String(error));
    console.error(`supergraph: this is a fault of the command itself, not of your schema. Please report it with ${file}`);
    process.exitCode = exitCodes.bug;
  }
}
