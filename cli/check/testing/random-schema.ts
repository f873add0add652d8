import type { RandomSource } from "./random-source.ts";

/** A schema as data, so that a change is a small edit of it. */
export interface SchemaModel {
  objects: { name: string; interfaces: string[]; fields: FieldModel[] }[];
  interfaces: { name: string; fields: FieldModel[] }[];
  unions: { name: string; members: string[] }[];
  enums: { name: string; values: string[] }[];
  inputs: { name: string; fields: InputModel[] }[];
}
interface FieldModel {
  name: string;
  type: string;
  args: InputModel[];
}
interface InputModel {
  name: string;
  type: string;
  default?: string | undefined;
}

const leaves = ["Int", "Float", "String", "Boolean", "ID", "E0", "E1"];
const composites = ["T0", "T1", "T2", "I0", "U0"];
const inputs = {
  anything: ["Int", "Float", "String", "Boolean", "ID", "E0", "E1", "In0", "In1"],
  inputs: ["Int", "E0", "E1", "In0", "In1"],
} as const;

/** What a random schema and its changes are about: `inputs` are enums and input objects in requests, and their defaults. */
export type Subject = keyof typeof inputs;

const wrap = (random: RandomSource, name: string): string =>
  random.pick([name, name, `${name}!`, `[${name}]`, `[${name}!]`, `[${name}!]!`, `[[${name}]]`]);

const outputType = (random: RandomSource): string =>
  wrap(random, random.chance(0.6) ? random.pick(leaves) : random.pick(composites));

const defaults: Readonly<Record<string, readonly string[]>> = {
  Int: ["1", "2"],
  Float: ["1.5", "2"],
  String: ['"a"', '"b"'],
  Boolean: ["true", "false"],
  ID: ['"x"', '"y"'],
  E0: ["A", "B"],
  E1: ["A", "C"],
};

function input(random: RandomSource, name: string, of: Subject): InputModel {
  const named: string = random.pick(inputs[of]);
  const plain = random.chance(0.5);
  const type = plain ? random.pick([named, `${named}!`]) : wrap(random, named);
  const value = plain && random.chance(0.4) ? random.pick(defaults[named] ?? [undefined]) : undefined;
  return { name, type, default: value };
}

const field = (random: RandomSource, name: string, of: Subject): FieldModel => ({
  name,
  type: outputType(random),
  args: Array.from({ length: random.pick([0, 0, 1, 2]) }, (_, index) => input(random, `a${index}`, of)),
});

const fields = (random: RandomSource, prefix: string, of: Subject): FieldModel[] =>
  Array.from({ length: 2 + random.integer(3) }, (_, index) => field(random, `${prefix}${index}`, of));

/** A random schema: three object types, an interface, a union, two enums, two inputs. */
export function randomSchema(random: RandomSource, of: Subject): SchemaModel {
  const shared = fields(random, "i", of);
  return {
    objects: ["Query", "T0", "T1", "T2"].map((name) => {
      const implementing = name !== "Query" && random.chance(0.5);
      return {
        name,
        interfaces: implementing ? ["I0"] : [],
        fields: [...(implementing ? structuredClone(shared) : []), ...fields(random, "f", of)],
      };
    }),
    interfaces: [{ name: "I0", fields: shared }],
    unions: [{ name: "U0", members: random.pick([["T0"], ["T0", "T1"], ["T1", "T2"]]) }],
    enums: [
      { name: "E0", values: ["A", "B", "C"] },
      { name: "E1", values: ["A", "C"] },
    ],
    inputs: ["In0", "In1"].map((name) => ({
      name,
      fields: Array.from({ length: 2 + random.integer(2) }, (_, index) => input(random, `k${index}`, of)),
    })),
  };
}

/** One or two random edits of a copy, of anything or of what requests hold. The result need not be a valid schema. */
export function changeSchema(random: RandomSource, base: SchemaModel, of: Subject): SchemaModel {
  const model = structuredClone(base);
  const possible = of === "inputs" ? inputChanges : [...inputChanges, ...otherChanges];
  for (let edits = 1 + random.integer(2); edits > 0; edits -= 1) random.pick(possible)(random, model);
  return model;
}

const without = <T>(random: RandomSource, items: T[]): void => {
  if (items.length > 1) items.splice(random.integer(items.length), 1);
};

/** Types that differ by one wrapper or by a related name: near misses are where verdicts go wrong. */
function nearType(random: RandomSource, type: string): string {
  const related: Readonly<Record<string, string>> = {
    Int: "Float",
    Float: "Int",
    ID: "String",
    String: "ID",
    I0: "T0",
    U0: "T0",
    T0: "I0",
    E0: "E1",
    In0: "In1",
  };
  return random.pick([
    type.endsWith("!") ? type.slice(0, -1) : `${type}!`,
    type.replace(/(\w)(?!\w|!)/, "$1!"),
    type.replace(/(\w)!/, "$1"),
    `[${type}]`,
    type.replace(/^\[(.*)\]!?$/, "$1"),
    type.replace(/\w+/, (name) => related[name] ?? name),
  ]);
}

type Edit = (random: RandomSource, model: SchemaModel) => void;

const inputChanges: readonly Edit[] = [
  (random, { objects }) => editInputs(random, random.pick(random.pick(objects).fields).args, "b"),
  (random, { objects }) => editInputs(random, random.pick(random.pick(objects).fields).args, "b"),
  (random, { inputs: all }) => editInputs(random, random.pick(all).fields, "n"),
  (random, { inputs: all }) => editInputs(random, random.pick(all).fields, "n"),
  (random, { enums }) => without(random, random.pick(enums).values),
];

const otherChanges: readonly Edit[] = [
  (random, { objects }) => without(random, random.pick(objects).fields),
  (random, { objects }) => random.pick(objects).fields.push(field(random, "added", "anything")),
  (random, { interfaces }) => without(random, interfaces[0]!.fields),
  (random, { objects }) => editOutput(random, random.pick(random.pick(objects).fields)),
  (random, { objects, interfaces }) => {
    const shared = random.pick(interfaces[0]!.fields);
    const type = nearType(random, shared.type);
    for (const own of [
      shared,
      ...objects
        .filter((one) => one.interfaces.length > 0)
        .flatMap((one) => one.fields.filter(({ name }) => name === shared.name)),
    ])
      own.type = type;
  },
  (random, { enums }) => random.pick(enums).values.push("D"),
  (random, { unions }) => without(random, unions[0]!.members),
  (random, { unions }) => {
    unions[0]!.members = [...new Set([...unions[0]!.members, random.pick(["T0", "T1", "T2"])])];
  },
  (random, { objects }) => {
    random.pick(objects).interfaces = [];
  },
  (random, { objects, interfaces }) => {
    const chosen = random.pick(objects.slice(1));
    chosen.interfaces = ["I0"];
    chosen.fields = [
      ...chosen.fields.filter(({ name }) => !interfaces[0]!.fields.some((one) => one.name === name)),
      ...structuredClone(interfaces[0]!.fields),
    ];
  },
];

function editOutput(random: RandomSource, target: FieldModel): void {
  target.type = nearType(random, target.type);
}

function editInputs(random: RandomSource, list: InputModel[], prefix: string): void {
  const roll = random.integer(10);
  if (list.length === 0 || roll < 2) list.push(input(random, prefix, "anything"));
  else if (roll < 4 && list.length > 1) list.splice(random.integer(list.length), 1);
  else {
    const target = random.pick(list);
    const values = defaults[target.type.replaceAll(/\W/g, "")] ?? [];
    if (roll < 7) target.type = nearType(random, target.type);
    else target.default = target.default === undefined ? values[0] : random.pick([undefined, ...values]);
  }
}

export const printInput = ({ name, type, default: value }: InputModel): string =>
  `${name}: ${type}${value === undefined ? "" : ` = ${value}`}`;

/** The model as SDL. */
export function printModel({ objects, interfaces, unions, enums, inputs: all }: SchemaModel): string {
  const fieldText = ({ name, type, args }: FieldModel): string =>
    `${name}${args.length > 0 ? `(${args.map(printInput).join(", ")})` : ""}: ${type}`;
  return [
    ...objects.map(
      ({ name, interfaces: own, fields: list }) =>
        `type ${name}${own.length > 0 ? ` implements ${own.join(" & ")}` : ""} { ${list.map(fieldText).join(" ")} }`,
    ),
    ...interfaces.map(({ name, fields: list }) => `interface ${name} { ${list.map(fieldText).join(" ")} }`),
    ...unions.map(({ name, members }) => `union ${name} = ${members.join(" | ")}`),
    ...enums.map(({ name, values }) => `enum ${name} { ${values.join(" ")} }`),
    ...all.map(({ name, fields: list }) => `input ${name} { ${list.map(printInput).join(" ")} }`),
  ].join("\n");
}
