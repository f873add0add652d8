import { z } from "zod";
import { settingsShape } from "../check/settings-shape.ts";
import { CouldNotRun, exitCodes } from "../exit-codes.ts";
import { reportShape } from "../report/report-shape.ts";
import type { CommandContext } from "./command-context.ts";

/** `supergraph schema report|settings`: JSON Schema for programs that read the one and editors that write the other. */
export async function schema({ args }: CommandContext): Promise<number> {
  const [what] = args;
  if (what !== "report" && what !== "settings") throw new CouldNotRun("schema: give report or settings");
  const shape = what === "report" ? z.toJSONSchema(reportShape) : z.toJSONSchema(settingsShape, { io: "input" });
  console.log(JSON.stringify(shape, null, 2));
  return exitCodes.safe;
}
