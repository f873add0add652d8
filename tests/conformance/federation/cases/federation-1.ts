import type { CaseGroup } from "../case-group.ts";

/** Schemas of federation 1: `extend type`, `@extends`, and `@external` on what is not used. */
export default {
  title: "federation 1 schemas",
  subgraphs: {
    first_people: {
      sdl: `type Query { person: Human } type Human @key(fields: "id") { id: ID! name: String }`,
      resolvers: {
        Query: { person: () => ({ id: "1", name: "Ada" }) },
        Human: { __resolveReference: ({ id }: { id: string }) => ({ id, name: "Ada" }) },
      },
    },
    first_pets: {
      sdl: `extend type Query { pets: [Pet] } type Pet { owner: Human @provides(fields: "name") } extend type Human @key(fields: "id") { id: ID! @external name: String @external pets: Int @requires(fields: "name") }`,
      resolvers: {
        Query: { pets: () => [{ owner: { id: "1", name: "Ada (provided)" } }] },
        Human: { __resolveReference: (human: object) => human, pets: ({ name }: { name: string }) => name.length },
      },
    },
    first_homes: {
      sdl: `type Human @extends @key(fields: "id") { id: ID! @external home: String }`,
      resolvers: { Human: { home: ({ id }: { id: string }) => `home of ${id}` } },
    },
  },
  cases: [
    { query: "{ person { name pets home } }", data: { person: { name: "Ada", pets: 3, home: "home of 1" } } },
    { query: "{ pets { owner { id home } } }", data: { pets: [{ owner: { id: "1", home: "home of 1" } }] } },
  ],
} satisfies CaseGroup;
