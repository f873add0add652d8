import { buildSchema, isInterfaceType, isObjectType } from "graphql";
import { runCheck } from "../check/run-check.ts";
import { composeSide } from "../compose/compose-side.ts";
import { CouldNotRun, exitCodes } from "../exit-codes.ts";
import { loadOperations } from "../operations/load-operations.ts";
import { readOperationUse } from "../operations/operation-use.ts";
import type { CommandContext } from "./command-context.ts";
import { openHead, prepareCheck } from "./prepare-check.ts";
import { writeReport } from "./write-report.ts";

/** `supergraph operations check|coverage|unused`: the clients' side of the schema. */
export async function operations(context: CommandContext): Promise<number> {
  const [task] = context.args;
  if (task === "check") return checkOperations(context);
  if (task === "coverage" || task === "unused") return showCoverage(context, task);
  throw new CouldNotRun("operations: give check, coverage or unused");
}

/** Every stored operation is valid, plannable in principle and within the cost limit; nothing is compared. */
async function checkOperations(context: CommandContext): Promise<number> {
  const files = context.args.slice(1);
  const flags = { ...context.flags, only: "operations,cost", operations: [...context.flags.operations, ...files] };
  const request = await prepareCheck({ ...context, flags }, null, await openHead(context));
  if (request.operations.head.every(({ texts }) => texts.length === 0))
    throw new CouldNotRun("operations check: no operations found; name files, or set `operations` in supergraph.check.yaml");
  return writeReport(await runCheck(request), context);
}

interface FieldUse {
  readonly coordinate: string;
  readonly operations: number;
  readonly requests: number;
  readonly deprecated: boolean;
}

async function showCoverage(context: CommandContext, task: "coverage" | "unused"): Promise<number> {
  const head = await openHead(context);
  const request = await prepareCheck(context, null, head);
  const { operations: loaded } = loadOperations(request.operations, request.usage);
  const composed = await composeSide(head.source, context.cache);
  if (composed.faults.length > 0) throw new CouldNotRun(`${composed.faults[0]!.message}`, { exitCode: exitCodes.doesNotCompose });
  if (loaded.length === 0)
    throw new CouldNotRun(`operations ${task}: no operations are known`, { exitCode: exitCodes.noEvidence });
  const schema = buildSchema(composed.apiSdl, { assumeValidSDL: true });
  const uses = loaded.map((operation) => ({ operation, use: readOperationUse(schema, operation.document) }));
  const fields: FieldUse[] = Object.values(schema.getTypeMap())
    .filter((type) => (isObjectType(type) || isInterfaceType(type)) && !type.name.startsWith("__"))
    .flatMap((type) =>
      isObjectType(type) || isInterfaceType(type) ? Object.values(type.getFields()).map((field) => ({ type, field })) : [],
    )
    .map(({ type, field }) => {
      const coordinate = `${type.name}.${field.name}`;
      const own = uses.filter(({ use }) => use.fields.has(coordinate));
      const requests = own.reduce(
        (sum, { operation }) => sum + operation.clients.reduce((total, { count }) => total + count, 0),
        0,
      );
      return { coordinate, operations: own.length, requests, deprecated: field.deprecationReason != null };
    })
    .sort((a, b) => (a.coordinate < b.coordinate ? -1 : 1));
  const shown = task === "unused" ? fields.filter((field) => field.operations === 0) : fields;
  if (context.flags.format === "json") console.log(JSON.stringify(shown, null, 2));
  else {
    for (const { coordinate, operations: count, requests, deprecated } of shown) {
      console.log(
        task === "unused"
          ? `${coordinate}${deprecated ? "  deprecated" : ""}`
          : `${String(count).padStart(5)} ${String(requests).padStart(10)}  ${coordinate}${deprecated ? "  deprecated" : ""}`,
      );
    }
    const used = fields.filter((field) => field.operations > 0).length;
    console.error(`${used} of ${fields.length} fields are selected by ${loaded.length} operations`);
  }
  return exitCodes.safe;
}
