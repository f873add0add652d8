/** Code under generation: its functions, each made once, and the values they use. */
export interface GeneratedCode {
  /** The name of the function for a key; `write` gives its text, by its name, the first time. */
  functionFor(prefix: string, key: string, write: (name: string) => string): string;
  /** Adds a statement that is run once. */
  declare(statement: string): void;
  /** An expression that is a value. */
  constant(value: unknown): string;
  readonly constants: readonly unknown[];
  text(): string;
}

export function createGeneratedCode(): GeneratedCode {
  const texts: string[] = [];
  const names = new Map<string, string>();
  const constants: unknown[] = [];
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
    constant: (value) => `k[${constants.push(value) - 1}]`,
    constants,
    text: () => texts.join("\n"),
  };
}
