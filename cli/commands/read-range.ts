/**
 * `BASE..HEAD` as its two names; any other text is the base alone. Names may be paths: the `..` of `../supergraph.yaml` parts
 * nothing. HEAD is empty for `BASE..`.
 */
export function readRange(text: string): readonly [base: string, head: string] {
  const [, base, head] = /^(.*?[^./])\.\.(?!\.)(.*)$/.exec(text) ?? [];
  return base === undefined ? [text, ""] : [base, head ?? ""];
}
