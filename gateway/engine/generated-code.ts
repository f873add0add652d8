/** Code under generation: its functions, each made once. */
export interface GeneratedCode {
  /** The name of the function for a key; `write` gives its text, by its name, the first time. */
  functionFor(prefix: string, key: string, write: (name: string) => string): string;
  /** Adds a statement that is run once. */
  declare(statement: string): void;
  text(): string;
}

export function createGeneratedCode(): GeneratedCode {
  const texts: string[] = [];
  const names = new Map<string, string>();
  return {
    functionFor(prefix, key, write) {
      const known = names.get(`${prefix}|${key}`);
      if (known) return known;
      const name = `${prefix}${names.size}`;
      names.set(`${prefix}|${key}`, name);
      texts.push(write(name));
      return name;
    },
    declare: (statement) => void texts.push(statement),
    text: () => texts.join("\n"),
  };
}
