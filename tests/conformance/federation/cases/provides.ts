import { type CaseGroup, federation2 } from "../case-group.ts";

const wrong = () => {
  throw new Error("asked although it was provided");
};

/** What a subgraph provides at one place is taken from there: its owner would fail here. */
export default {
  title: "@provides",
  subgraphs: {
    provides_notes: {
      sdl: `${federation2} type Query { notes: [Note] media: NoteMedia pieces: [NotePiece] }
        type Note @key(fields: "id") { id: ID! writer: Writer @provides(fields: "name address { city }") }
        type Writer @key(fields: "id") { id: ID! name: String @external address: WriterAddress @external } type WriterAddress { city: String @external }
        type NoteMedia { id: ID! writer: Writer @provides(fields: "name") }
        union NotePiece = Writer | NoteText type NoteText { text: String }`,
      resolvers: {
        Query: {
          notes: () => [{ id: "1", writer: { id: "w", name: "Provided", address: { city: "Here" } } }],
          media: () => ({ id: "m", writer: { id: "w", name: "Also provided" } }),
          pieces: () => [
            { __typename: "NoteText", text: "t" },
            { __typename: "Writer", id: "quiet" },
          ],
        },
        NotePiece: { __resolveType: ({ __typename }: { __typename: string }) => __typename } as never,
      },
    },
    provides_writers: {
      sdl: `${federation2} type Writer @key(fields: "id") { id: ID! name: String @shareable address: WriterAddress @shareable age: Int } type WriterAddress @shareable { city: String }`,
      resolvers: {
        Writer: {
          __resolveReference: ({ id }: { id: string }) =>
            id === "quiet" ? { id, name: "From its owner", age: 1 } : { id, age: 50 },
          name: ({ id, name }: { id: string; name?: string }) => (id === "quiet" ? name : wrong()),
        },
      },
    },
  },
  cases: [
    {
      query: "{ notes { writer { name address { city } } } }",
      data: { notes: [{ writer: { name: "Provided", address: { city: "Here" } } }] },
    },
    { query: "{ notes { writer { name age } } }", data: { notes: [{ writer: { name: "Provided", age: 50 } }] } },
    { query: "{ media { writer { id name } } }", data: { media: { writer: { id: "w", name: "Also provided" } } } },
    {
      query: "{ pieces { __typename ... on Writer { name age } ... on NoteText { text } } }",
      data: {
        pieces: [
          { __typename: "NoteText", text: "t" },
          { __typename: "Writer", name: "From its owner", age: 1 },
        ],
      },
    },
  ],
} satisfies CaseGroup;
