import { type Logger, pino, stdTimeFunctions } from "pino";
import { prettyDestination } from "./pretty-destination.ts";
import { serializeError } from "./serialize-error.ts";

export type { Logger };

// Fields that are secret wherever they stand; values inside messages are the caller's care.
const secretFields = ["authorization", "cookie", "password", "accessToken", "refreshToken", "token", "secret"];

/** Writes one JSON object per line to standard output; `pretty` writes short lines for people instead. */
export function createLogger({ service, level, pretty = false }: { service: string; level: string; pretty?: boolean }): Logger {
  const options = {
    level,
    base: { service },
    timestamp: stdTimeFunctions.isoTime,
    serializers: { err: serializeError },
    redact: { paths: secretFields.flatMap((field) => [field, `*.${field}`, `headers.${field}`]), censor: "[redacted]" },
  };
  return pretty ? pino(options, prettyDestination(process.stdout)) : pino(options);
}
