import { printInput, type SchemaModel } from "./random-schema.ts";

const header =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable", "@inaccessible"])';

/**
 * A schema as two subgraphs that together give it: object types are entities (by a key that clients do not see) whose own
 * fields, like those of the root, stand in the one or the other; fields of interfaces stand in both.
 */
export function splitModel({ objects, interfaces, unions, enums, inputs }: SchemaModel): Record<"left" | "right", string> {
  const shared = new Set(interfaces.flatMap(({ fields }) => fields.map(({ name }) => name)));
  const print = (side: 0 | 1): string =>
    [
      header,
      ...objects.flatMap(({ name, interfaces: own, fields }) => {
        const isRoot = name === "Query";
        const isShared = (field: string): boolean => own.length > 0 && shared.has(field);
        const here = fields.filter((field, index) => isShared(field.name) || index % 2 === side);
        if (isRoot && here.length === 0) return [];
        const texts = here.map((field) => `${printField(field)}${isShared(field.name) ? " @shareable" : ""}`);
        const key = isRoot ? [] : ["entityKey: ID! @inaccessible"];
        const implementing = own.length > 0 ? ` implements ${own.join(" & ")}` : "";
        return [`type ${name}${implementing}${isRoot ? "" : ' @key(fields: "entityKey")'} { ${[...key, ...texts].join(" ")} }`];
      }),
      ...interfaces.map(({ name, fields }) => `interface ${name} { ${fields.map(printField).join(" ")} }`),
      ...unions.map(({ name, members }) => `union ${name} = ${members.join(" | ")}`),
      ...enums.map(({ name, values }) => `enum ${name} { ${values.join(" ")} }`),
      ...inputs.map(({ name, fields }) => `input ${name} { ${fields.map(printInput).join(" ")} }`),
    ].join("\n");
  return { left: print(0), right: print(1) };
}

function printField({ name, type, args }: SchemaModel["objects"][number]["fields"][number]): string {
  return `${name}${args.length > 0 ? `(${args.map(printInput).join(", ")})` : ""}: ${type}`;
}
