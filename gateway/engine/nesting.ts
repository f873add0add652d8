/** How deep what a custom scalar holds may be nested: deeper, what writes or reads it anywhere may run out of stack. */
export const maxLeafDepth = 256;

/** True for parsed JSON with more than `levels` objects and lists around its innermost value. */
export function isNestedDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (levels === 0) return true;
  return Object.values(value).some((item) => isNestedDeeper(item, levels - 1));
}
