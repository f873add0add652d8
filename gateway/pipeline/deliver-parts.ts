import type { Logger } from "pino";
import type { AnswerPart } from "../engine/index.ts";
import type { PartFormat } from "../http/part-format.ts";

/**
 * The parts of an answer after its first one, as they are sent. `onEnd` is called with the number of errors when all were
 * taken or the client takes no more.
 */
export async function* deliverParts(
  parts: AsyncGenerator<AnswerPart, void, undefined>,
  format: PartFormat,
  { errorCount, onEnd, logger }: { errorCount: number; onEnd: (errorCount: number) => void; logger: Logger },
): AsyncGenerator<string, void, undefined> {
  let errors = errorCount;
  try {
    for await (const part of parts) {
      errors += part.errorCount;
      yield format.next(part.body, part.hasNext);
    }
  } catch (error) {
    errors += 1;
    logger.error({ err: error }, "an answer in parts was broken off"); // the executor tells what fails in a part: this is a fault in it
    throw error;
  } finally {
    onEnd(errors);
  }
}
