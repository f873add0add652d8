import type { RequiredLeaves } from "./compile-collector.ts";
import type { GeneratedCode } from "./generated-code.ts";
import { carriedSources } from "./generated-joins.ts";
import type { Position } from "./positions.ts";

/** What is written of the objects of one type at a position. */
export interface WrittenFields {
  readonly position: Position;
  readonly typename: string;
  /** The response names of leaves, without `__typename`. */
  readonly leaves: readonly string[];
  /** The response names of objects. */
  readonly objects: readonly string[];
}

/**
 * An entity that stands at many places is written once: where all that is written of an object is joined to it, or is
 * part of its representation, the joined entities decide the text. `Number` makes one piece of a text that is used
 * again, so that joining the response does not go through its parts each time.
 *
 * Gives code to put in place of `body`, for a function called `name`; undefined where that is not so.
 */
export function memoiseEntities(
  code: GeneratedCode,
  { position, typename, leaves, objects }: WrittenFields,
  requiredLeaves: RequiredLeaves,
  { name, body }: { readonly name: string; readonly body: string },
): string | undefined {
  const [carried, ...others] = carriedSources(position);
  const joins = position.sources.flatMap(({ parent }, index) => (parent < 0 && position.parent ? [index] : []));
  if (carried === undefined || others.length > 0 || joins.length === 0) return undefined;
  if (objects.some((field) => position.children.get(field)?.sources.some(({ parent }) => parent === carried))) return undefined;
  const own = leaves.filter((field) => position.sources[carried]!.shape.fields.has(field)); // which the object brought along
  const key = joins.find((index) => {
    const required = requiredLeaves(position.sources[index]!.table, typename);
    return own.every((field) => required.has(field));
  });
  if (key === undefined) return undefined;
  const rest = joins.filter((index) => index !== key);
  const all = position.sources.map((_, index) => `s${index}`).join(",");
  code.declare(`const m_${name}=new Map();memos.push(m_${name});function t_${name}(${all}){${body}}`);
  const same = rest.map((index) => `&&m.s${index}===s${index}`).join("");
  const kept = ["text", ...rest.map((index) => `s${index}`)].join(",");
  return `if(s${key}===undefined)return t_${name}(${all});const m=m_${name}.get(s${key});if(m!==undefined${same}){if(!m.flat){m.flat=true;Number(m.text);}return m.text;}
const text=t_${name}(${all});m_${name}.set(s${key},{flat:false,${kept}});return text;`;
}
