/** The value of a variable, or what is wrong with it as the rest of a sentence that begins with its name. */
type ReadResult<T> = { readonly value: T } | { readonly fault: string };

/** Reads one environment variable. */
export type Reader<T> = {
  parse(text: string): ReadResult<T>;
  /** What an unset variable means: a default, or a fault where it is required. */
  unset(): ReadResult<T>;
};

const required = { fault: "is required" };

function reader<T>(parse: (text: string) => ReadResult<T>, fallback: T | undefined): Reader<T> {
  return { parse, unset: () => (fallback === undefined ? required : { value: fallback }) };
}

/** Any text. */
export const text = (fallback?: string): Reader<string> => reader((value) => ({ value }), fallback);

/** An absolute URL, kept as text. */
export const url = (fallback?: string): Reader<string> =>
  reader((value) => (URL.canParse(value) ? { value } : { fault: "is not a URL" }), fallback);

/** A secret of at least `minBytes` bytes; never has a default. */
export const secret = ({ minBytes }: { minBytes: number }): Reader<string> =>
  reader(
    (value) => (Buffer.byteLength(value) >= minBytes ? { value } : { fault: `must have at least ${minBytes} bytes` }),
    undefined,
  );

/** A whole number between `min` and `max`, both included. */
export const integer = (options: { default?: number; min?: number; max?: number } = {}): Reader<number> => {
  const { min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER } = options;
  return reader((value) => {
    const number = /^-?\d{1,16}$/.test(value) ? Number(value) : Number.NaN;
    if (!Number.isSafeInteger(number)) return { fault: "is not a whole number" };
    if (number < min || number > max) return { fault: `must be from ${min} to ${max}` };
    return { value: number };
  }, options.default);
};

/** A TCP port; 0 lets the system choose. */
export const port = (fallback?: number): Reader<number> => integer({ min: 0, max: 65_535, ...withDefault(fallback) });

const maxTimerMs = 2_147_483_647; // setTimeout fires at once above 2^31 - 1

/** A duration in milliseconds. */
export const milliseconds = (fallback?: number): Reader<number> => integer({ min: 0, max: maxTimerMs, ...withDefault(fallback) });

/** A size in bytes. */
export const bytes = (fallback?: number): Reader<number> => integer({ min: 0, ...withDefault(fallback) });

/** `true` or `false`, also `1` or `0`. */
export const flag = (fallback: boolean): Reader<boolean> =>
  reader((value) => {
    if (value === "true" || value === "1") return { value: true };
    if (value === "false" || value === "0") return { value: false };
    return { fault: "must be true or false" };
  }, fallback);

/** One of the given texts. */
export const choice = <const T extends string>(choices: readonly T[], fallback?: T): Reader<T> =>
  reader((value) => {
    const chosen = choices.find((candidate) => candidate === value);
    return chosen === undefined ? { fault: `must be one of ${choices.join(", ")}` } : { value: chosen };
  }, fallback);

/** Texts parted by commas; blanks around them and empty ones are dropped. */
export const list = (fallback?: readonly string[]): Reader<readonly string[]> =>
  reader((value) => ({ value: value.split(",").flatMap((item) => item.trim() || []) }), fallback);

/** Undefined where the variable is unset, whatever the reader's own default. */
export const optional = <T>(inner: Reader<T>): Reader<T | undefined> => ({
  parse: inner.parse,
  unset: () => ({ value: undefined }),
});

/** `NODE_ENV`: has no default, so that a production process cannot run with development's settings by omission. */
export const environmentName = (): Reader<"development" | "test" | "production"> => choice(["development", "test", "production"]);

const withDefault = (fallback: number | undefined) => (fallback === undefined ? {} : { default: fallback });
