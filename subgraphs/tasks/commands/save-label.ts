import { workspaceStream } from "@tributary/contracts/cursors";
import { newId } from "@tributary/contracts/ids";
import { inputFault, limitFault, versionConflict } from "@tributary/platform/errors";
import { appendEvents } from "@tributary/platform/outbox";
import { isUniqueViolation, type Transaction } from "@tributary/platform/postgres";
import { limits } from "../domain/limits.ts";
import { canSaveLabel } from "../domain/policies.ts";
import type { Label } from "../domain/project.ts";
import { checkText } from "../domain/text-rules.ts";
import { labelNotFound, roleForbids } from "../errors.ts";
import { countLabels, insertLabel, lockLabel, updateLabel } from "../repositories/label-repository.ts";
import { type CommandContext, inOwnWorkspace } from "./command-context.ts";

export type SaveLabelInput = {
  readonly id?: string | null;
  readonly workspaceId: string;
  readonly name: string;
  readonly color: string;
  readonly expectedVersion?: number | null;
};

/** Makes a label, or changes the one whose id is given. @throws UserFault */
export async function saveLabel(context: CommandContext, input: SaveLabelInput): Promise<Label> {
  checkText(input.name, limits.labelNameCharacters, ["input", "name"]);
  if (!/^#[0-9a-f]{6}$/i.test(input.color)) throw inputFault("INVALID", "A color is #rrggbb.", ["input", "color"]);
  const wanted = { ...input, color: input.color.toLowerCase() };
  try {
    return await inOwnWorkspace(context, input.workspaceId, async (tx, { role }) => {
      if (!canSaveLabel(role)) throw roleForbids("changing labels", ["input", "workspaceId"]);
      const { label, isChanged } = input.id == null ? await insert(tx, wanted) : await change(tx, input.id, wanted);
      if (isChanged) await tell(tx, context.userId, label);
      return label;
    });
  } catch (error) {
    if (isUniqueViolation(error, "label_name")) {
      throw inputFault("CONFLICT", "Another label has this name.", ["input", "name"]);
    }
    throw error;
  }
}

type Saved = { readonly label: Label; readonly isChanged: boolean };

async function insert(tx: Transaction, { workspaceId, name, color }: SaveLabelInput): Promise<Saved> {
  if ((await countLabels(tx, workspaceId)) >= limits.labelsOfWorkspace) {
    throw limitFault(limits.labelsOfWorkspace, `A workspace has at most ${limits.labelsOfWorkspace} labels.`, {
      path: ["input", "workspaceId"],
    });
  }
  return { label: await insertLabel(tx, { workspaceId, id: newId("label"), name, color }), isChanged: true };
}

async function change(
  tx: Transaction,
  id: string,
  { workspaceId, name, color, expectedVersion }: SaveLabelInput,
): Promise<Saved> {
  const label = await lockLabel(tx, workspaceId, id);
  if (!label) throw labelNotFound(["input", "id"]);
  if (expectedVersion != null && expectedVersion !== label.version) throw versionConflict(label.version, label);
  if (label.name === name && label.color === color) return { label, isChanged: false };
  return { label: await updateLabel(tx, { ...label, name, color }), isChanged: true };
}

async function tell(tx: Transaction, userId: string, { workspaceId, id, name, version }: Label): Promise<void> {
  await appendEvents(tx, [
    {
      type: "label.saved",
      workspaceId,
      aggregate: { type: "label", id, version },
      actor: { type: "user", id: userId },
      stream: workspaceStream(workspaceId),
      data: { labelId: id, name },
    },
  ]);
}
