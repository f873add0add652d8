const levelNames: Readonly<Record<number, string>> = {
  10: "trace",
  20: "debug",
  30: "info",
  40: "WARN",
  50: "ERROR",
  60: "FATAL",
};

/** Turns pino's JSON lines into `12:00:00 info  tasks listening port=4001`. For people at a terminal, not for parsers. */
export function prettyDestination(output: { write(text: string): unknown }): { write(line: string): void } {
  return { write: (line) => void output.write(`${prettyLine(line)}\n`) };
}

function prettyLine(line: string): string {
  let entry: Record<string, unknown>;
  try {
    entry = JSON.parse(line) as Record<string, unknown>;
  } catch {
    return line.trimEnd(); // not ours: shown as it came
  }
  const { time, level, service, msg, err, ...rest } = entry;
  const fields = Object.entries(rest).map(
    ([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`,
  );
  const head = [String(time).slice(11, 19), (levelNames[Number(level)] ?? String(level)).padEnd(5), service, msg, ...fields];
  const stack = err && typeof err === "object" && "stack" in err ? `\n${String(err.stack)}` : "";
  return head.join(" ") + stack;
}
