import { type CaseGroup, federation2 } from "../case-group.ts";

type Row = { id: string };

/** A null, a missing entity or a failing field takes with it what it must, and nothing else. */
export default {
  title: "nulls and errors",
  subgraphs: {
    nulls_rows: {
      sdl: `${federation2} type Query { rows: [Row] strictRows: [Row!] oneRow: Row } type Row @key(fields: "id") { id: ID! }`,
      resolvers: {
        Query: {
          rows: () => [{ id: "good" }, null, { id: "missing" }, { id: "failing" }],
          strictRows: () => [{ id: "good" }, { id: "failing" }],
          oneRow: () => null,
        },
      },
    },
    nulls_cells: {
      sdl: `${federation2} type Row @key(fields: "id") { id: ID! cell: String strict: String! box: RowBox } type RowBox { inner: String! other: Int }`,
      resolvers: {
        Row: {
          __resolveReference: ({ id }: Row) => (id === "missing" ? null : { id }),
          cell: ({ id }: Row) => (id === "failing" ? Promise.reject(new Error("no cell")) : `cell ${id}`),
          strict: ({ id }: Row) => (id === "failing" ? null : "s"),
          box: ({ id }: Row) => ({ inner: id === "failing" ? null : "i", other: 1 }),
        },
      },
    },
  },
  cases: [
    { query: "{ oneRow { cell } }", data: { oneRow: null } },
    {
      query: "{ rows { id cell } }",
      data: { rows: [{ id: "good", cell: "cell good" }, null, { id: "missing", cell: null }, { id: "failing", cell: null }] },
      hasErrors: true,
    },
    { query: "{ rows { id strict } }", data: { rows: [{ id: "good", strict: "s" }, null, null, null] }, hasErrors: true },
    { query: "{ strictRows { strict } }", data: { strictRows: null }, hasErrors: true },
    {
      query: "{ rows { box { inner other } } }",
      data: { rows: [{ box: { inner: "i", other: 1 } }, null, { box: null }, { box: null }] },
      hasErrors: true,
    },
  ],
} satisfies CaseGroup;
