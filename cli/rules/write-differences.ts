// Writes cli/DIFFERENCES.md. Run: node_modules/.bin/node cli/rules/write-differences.ts
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describeDifferences } from "./differences.ts";

writeFileSync(join(import.meta.dirname, "..", "DIFFERENCES.md"), await describeDifferences());
