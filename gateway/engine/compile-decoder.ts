import { type FieldNode, type GraphQLFormattedError, type GraphQLSchema, isAbstractType, isObjectType } from "graphql";
import { collectSelections, type SelectionContext } from "./collect-selections.ts";
import type { DecodedObject } from "./decoded-data.ts";
import { functionOfCode } from "./function-of-code.ts";
import type { LeafRun, LeafRuns, RunLeaf } from "./leaf-runs.ts";
import { type FieldShape, type ObjectShape, type ReplyShape, several } from "./reply-shape.ts";

/** A reply read without parsing it: for each of its parts the objects, and whatever else the body held. */
export interface ScannedReply {
  readonly parts: readonly (readonly (DecodedObject | undefined)[])[];
  readonly errors?: readonly GraphQLFormattedError[] | undefined;
  readonly extensions?: Readonly<Record<string, unknown>> | undefined;
}

/** Undefined when the text is not what was expected, byte for byte: then `JSON.parse` decides. */
export type ReplyDecoder = (text: string) => ScannedReply | undefined;

/**
 * Compiles a scanner for one reply shape: it walks the text in the order in which GraphQL servers answer (that of the
 * selections), and cuts the leaves out as they are (bench/engine). Undefined where the order cannot be known beforehand.
 *
 * The generated code holds names of validated operations and JSON-escaped literals only.
 */
export function compileDecoder(
  shape: ReplyShape,
  schema: GraphQLSchema,
  variables: Readonly<Record<string, unknown>>,
  runs: LeafRuns = new Map(),
): ReplyDecoder | undefined {
  const functions: string[] = [];
  const readers = new Map<ObjectShape, ObjectReader>();
  const context: SelectionContext = { schema, fragments: shape.fragments, variables };
  try {
    const read = shape.root ? `[[${objectReader(shape.root).name}()??undefined]]` : `${entitiesReader(shape.entities)}()`;
    const code = `${runtime}${functions.join("")}return function(text){t=text;p=8;${[...readers.values()].map(({ name }) => `n_${name}=0;`).join("")}hasEscapes=t.indexOf("\\\\")>=0;
if(!t.startsWith('{"data":')||control.test(t))return undefined;
try{return finish(${read});}catch(e){if(e===deviation)return undefined;throw e;}finally{t="";}};`;
    return functionOfCode<ReplyDecoder>(code);
  } catch (error) {
    if (error === unpredictable) return undefined;
    throw error;
  }

  function entitiesReader(lists: ReadonlyMap<string, ObjectShape>): string {
    const reads = [...lists].map(([name, object], index) => {
      const before = `${index === 0 ? "{" : ","}${JSON.stringify(name)}:[`;
      return `${expect(before)}parts.push(${entityList(object)}());`;
    });
    functions.push(`function entities(){const parts=[];${reads.join("")}${expect("}")}return parts;}`);
    return "entities";
  }

  function entityList(object: ObjectShape): string {
    const { name, head } = objectReader(object);
    const text = `function e_${name}(){const a=[];if(t.charCodeAt(p)===93){p++;return a;}for(;;){
${ifNext(head, `a.push(b_${name}());`, `a.push(${name}()??undefined);`)}const c=t.charCodeAt(p++);if(c===93)return a;if(c!==44)throw deviation;}}`;
    if (!functions.includes(text)) functions.push(text);
    return `e_${name}`;
  }

  /** A function that reads an object or null, and one (`b_`) that reads an object after its head, the text before its first value. */
  function objectReader(object: ObjectShape): ObjectReader {
    const known = readers.get(object);
    if (known) return known;
    const name = `o${readers.size}`;
    const lists = fieldLists(object);
    const [only] = lists.values();
    const typename = only && lists.size === 1 && only.typenames.length === 1 ? only.typenames[0] : undefined;
    const reader: { name: string; head: string } = { name, head: "" };
    readers.set(object, reader);
    let body: string;
    if (only && lists.size === 1) ({ head: reader.head, body } = fieldsReader(object, only.fields, typename));
    else {
      reader.head = `{${JSON.stringify(firstName(only?.fields))}:`;
      const cases = [...lists.values()].map(({ typenames, fields }) => {
        const names = typenames.map((each) => `case ${JSON.stringify(`"${each}"`)}:`).join("");
        return `${names}{${fieldsReader(object, fields, undefined, "v0").body}}`;
      });
      body = `const v0=leaf();switch(v0){${cases.join("")}default:throw deviation;}`;
    }
    functions.push(`let n_${name}=0;function b_${name}(){const ordinal=n_${name}++;${body}}
function ${name}(){if(t.charCodeAt(p)===110){${expect("null")}return null;}${expect(reader.head)}return b_${name}();}`);
    return reader;
  }

  /**
   * Code that reads the fields of one type and returns the object; `head` is the text before the first value. Where the
   * type is known its name is part of the text around the values. `read` holds the first value if that was read before.
   */
  function fieldsReader(
    object: ObjectShape,
    fields: ReadonlyMap<string, readonly FieldNode[]>,
    typename: string | undefined,
    read?: string,
  ): { head: string; body: string } {
    const names = [...fields.keys()];
    const values: string[] = ["ordinal"];
    let head: string | undefined = read === undefined ? undefined : "";
    let text = "{"; // expected next
    let code = "";
    let run: { readonly run: LeafRun; readonly first: number; readonly textBefore: number; isCut: boolean } | undefined;
    for (const [index, name] of names.entries()) {
      const field = object.fields.get(name);
      if (!field) throw unpredictable;
      const isType = isTypename(fields.get(name));
      if (index > 0) text += ",";
      const started: LeafRun | undefined = run || typename === undefined ? undefined : runAt(object, names, index);
      if (started) run = { run: started, first: index, textBefore: text.length, isCut: false };
      text += `${JSON.stringify(name)}:`;
      let value = `v${index}`;
      if (index === 0 && read !== undefined) text = "";
      else if (isType && typename !== undefined) {
        value = JSON.stringify(JSON.stringify(typename));
        text += JSON.stringify(typename);
      } else {
        const before = head === undefined ? "" : text;
        const { length } = text;
        head ??= text;
        text = "";
        if (run) {
          code += expect(before);
          if (!run.isCut) code += `const q${run.first}=p-${length - run.textBefore};`;
          run.isCut = true;
          code += runLeafCode(run.run.leaves[index - run.first]!, value);
        } else code += readerCode(field, before, value);
      }
      if (isType || !run || run.run.leaves[index - run.first]!.isRequired) values.push(`$${name}:${value}`);
      if (isType && name !== "__typename" && !fields.has("__typename")) values.push(`$__typename:${value}`);
      if (run && index === run.first + run.run.leaves.length - 1) {
        if (run.isCut) {
          code += `${expect(text)}const r${run.first}=t.slice(q${run.first},p);`;
          text = "";
          values.push(`${run.run.key}:r${run.first}`);
        }
        run = undefined;
      }
    }
    const end = `${text}}`;
    if (head === undefined) return { head: end, body: `return {${values.join(",")}};` };
    return { head, body: `${code}${expect(end)}return {${values.join(",")}};` };
  }

  /** The run that begins with a name, where the reply has all of its names in a row. */
  function runAt(object: ObjectShape, names: readonly string[], index: number): LeafRun | undefined {
    return runs.get(object)?.find(({ leaves }) =>
      leaves.every(({ name }, offset) => {
        const field = object.fields.get(name);
        return names[index + offset] === name && field !== undefined && !field.object && !field.source && field.listDepth === 0;
      }),
    );
  }

  /** Code that reads one value, after the text `before` it, into a variable. */
  function readerCode({ object, listDepth }: FieldShape, before: string, variable: string): string {
    if (!object) return `${expect(before)}const ${variable}=${listReader("leaf", "", listDepth)}();`;
    const { name, head } = objectReader(object);
    if (listDepth > 0) return `${expect(before)}const ${variable}=${listReader(name, head, listDepth)}();`;
    return `let ${variable};${ifNext(before + head, `${variable}=b_${name}();`, `${expect(before)}${variable}=${name}();`)}`;
  }

  function listReader(element: string, head: string, depth: number): string {
    if (depth === 0) return element;
    const inner = listReader(element, head, depth - 1);
    const name = `l_${inner}`;
    const push = `a.push(${inner}());`;
    const text = `function ${name}(){if(t.charCodeAt(p)===110){${expect("null")}return null;}if(t.charCodeAt(p++)!==91)throw deviation;
const a=[];if(t.charCodeAt(p)===93){p++;return a;}for(;;){${depth === 1 && head !== "" ? ifNext(head, `a.push(b_${element}());`, push) : push}
const c=t.charCodeAt(p++);if(c===93)return a;if(c!==44)throw deviation;}}`;
    if (!functions.includes(text)) functions.push(text);
    return name;
  }

  /** For each type an object may have, its fields in order; types with the same fields together. */
  function fieldLists(object: ObjectShape): Map<string, { typenames: string[]; fields: Map<string, FieldNode[]> }> {
    const lists = new Map<string, { typenames: string[]; fields: Map<string, FieldNode[]> }>();
    const types = possibleTypes(object);
    for (const typename of types) {
      const fields = collectSelections(
        context,
        object.selections.map(({ selectionSet }) => selectionSet),
        typename,
      );
      const key = [...fields.keys()].join();
      const list = lists.get(key);
      if (list) list.typenames.push(typename);
      else lists.set(key, { typenames: [typename], fields });
    }
    // Where types differ, the type must be the first thing the reply tells.
    const names = new Set([...lists.values()].map(({ fields }) => firstName(fields)));
    const isTold = names.size === 1 && [...lists.values()].every(({ fields }) => isTypename(fields.values().next().value));
    if (lists.size === 0 || (lists.size > 1 && !isTold)) throw unpredictable;
    return lists;
  }

  function possibleTypes({ type, selections }: ObjectShape): readonly string[] {
    if (type === several) throw unpredictable;
    if (isObjectType(type)) return [type.name];
    // A subgraph may have an interface as an object and then answers the interface's name.
    if (isAbstractType(type)) return [...schema.getPossibleTypes(type).map(({ name }) => name), type.name];
    return entityTypes(selections, schema);
  }
}

/** The types that can stand under `_entities`, as far as its fragments name them. */
function entityTypes(selections: ObjectShape["selections"], schema: GraphQLSchema): readonly string[] {
  const names = new Set<string>();
  for (const { selectionSet } of selections) {
    for (const selection of selectionSet.selections) {
      if (selection.kind === "Field") continue;
      if (selection.kind !== "InlineFragment" || !selection.typeCondition) throw unpredictable;
      const type = schema.getType(selection.typeCondition.name.value);
      if (isObjectType(type)) names.add(type.name);
      else if (isAbstractType(type)) for (const { name } of [...schema.getPossibleTypes(type), type]) names.add(name);
    }
  }
  return [...names];
}

/** The functions that read objects of a shape, by name. */
type ObjectReader = { readonly name: string; readonly head: string };

/** Code that takes `text` from the reply, or throws. The built-in comparison is dear for one or two characters. */
function expect(text: string): string {
  if (text === "") return "";
  if (text.length > 2) return `if(!t.startsWith(${JSON.stringify(text)},p))throw deviation;p+=${text.length};`;
  const differs = [...text].map((_, index) => `t.charCodeAt(p${index === 0 ? "" : `+${index}`})!==${text.charCodeAt(index)}`);
  return `if(${differs.join("||")})throw deviation;p+=${text.length};`;
}

/** Code that takes `text` and runs `taken`, or runs `other` where the reply goes on otherwise. */
const ifNext = (text: string, taken: string, other: string): string =>
  `if(t.startsWith(${JSON.stringify(text)},p)){p+=${text.length};${taken}}else{${other}}`;

/** Code that goes past a leaf of a run, and keeps its text where it is needed by itself. */
function runLeafCode({ kind, isNonNull, isRequired }: RunLeaf, variable: string): string {
  const skip = `skip${kind}(${isNonNull});`;
  if (!isRequired) return skip;
  return `const a${variable}=p;${skip}const ${variable}=t.charCodeAt(a${variable})===110?null:t.slice(a${variable},p);`;
}

const firstName = (fields: ReadonlyMap<string, unknown> | undefined): string => fields?.keys().next().value ?? "";
const isTypename = (nodes: readonly FieldNode[] | undefined): boolean => nodes?.[0]?.name.value === "__typename";

const unpredictable = new Error("the order of the reply cannot be known");

const runtime = `let t="",p=0,hasEscapes=false;const deviation={};const control=/[\\u0000-\\u001f]/;
function string(){let e=t.indexOf('"',p+1);if(!hasEscapes){if(e<0)throw deviation;p=e+1;return;}
while(e>0&&t.charCodeAt(e-1)===92){let b=e-1;while(t.charCodeAt(b)===92)b--;if(((e-1-b)&1)===0)break;e=t.indexOf('"',e+1);}
if(e<0)throw deviation;const s=p;p=e+1;if(!stringIsPlain(t.slice(s,p)))throw deviation;}
function skipNull(isNonNull){if(isNonNull)throw deviation;${expect("null")}}
function skipString(isNonNull){if(t.charCodeAt(p)===34)string();else skipNull(isNonNull);}
const skipID=skipString;
function skipInt(isNonNull){let e=p,c=t.charCodeAt(e);while(c>=48&&c<=57)c=t.charCodeAt(++e);
if(e-p>0&&e-p<10&&(e-p===1||t.charCodeAt(p)!==48)&&(c===44||c===125)){p=e;return;}if(c===110)return skipNull(isNonNull);
e=numberEnd(t,p);if(e<0)throw deviation;const v=t.slice(p,e);if(completions.Int(v)!==v)throw deviation;p=e;}
function skipFloat(isNonNull){if(t.charCodeAt(p)===110)return skipNull(isNonNull);p=numberEnd(t,p);if(p<0)throw deviation;}
function skipBoolean(isNonNull){const c=t.charCodeAt(p);if(c===116){${expect("true")}}else if(c===102){${expect("false")}}else skipNull(isNonNull);}
function skipAny(isNonNull){if(t.charCodeAt(p)===110)skipNull(isNonNull);else leaf();}
function leaf(){const c=t.charCodeAt(p);const s=p;
if(c===34){string();return t.slice(s,p);}
if(c===110){${expect("null")}return null;}
if(c===116){${expect("true")}return "true";}
if(c===102){${expect("false")}return "false";}
p=c===123||c===91?valueEnd(t,p):numberEnd(t,p);if(p<0)throw deviation;return t.slice(s,p);}
function finish(parts){if(t.charCodeAt(p)===125&&p===t.length-1)return{parts};
if(t.charCodeAt(p)!==44)return undefined;let rest;try{rest=JSON.parse("{"+t.slice(p+1));}catch{return undefined;}
if(rest.errors!==undefined||"data" in rest)return undefined;return{parts,extensions:rest.extensions};}
`;
