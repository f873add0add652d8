import type { DeliveryContent } from "../../domain/delivery.ts";
import { layOut, type MailBody } from "./layout.ts";

type TaskContent = Extract<DeliveryContent, { taskId: string }>;

const happened: Readonly<Record<TaskContent["template"], (actor: string) => string>> = {
  TASK_ASSIGNED: (actor) => `${actor} assigned a task to you`,
  MENTIONED: (actor) => `${actor} mentioned you`,
  COMMENT_ADDED: (actor) => `${actor} commented`,
};

/** Tells of an assignment, a mention or a comment. */
export function taskMail({ content, publicUrl }: { content: TaskContent; publicUrl: string }): MailBody {
  const sentence = happened[content.template](content.actorName ?? "Somebody");
  return layOut({
    subject: `${sentence}: ${content.title}`,
    lines: [`${sentence}.`, content.title],
    quote: content.excerpt,
    link: { label: "Open the task", url: new URL(`tasks/${encodeURIComponent(content.taskId)}`, publicUrl).href },
  });
}
