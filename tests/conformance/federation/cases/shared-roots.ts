import { type CaseGroup, federation2 } from "../case-group.ts";

/** A root field several subgraphs have, each with a part of the value; and values that are no entities. */
export default {
  title: "shared fields",
  subgraphs: {
    shared_names: {
      sdl: `${federation2} type Query { garden: Garden @shareable } type Garden @shareable { id: ID! name: GardenName } type GardenName { long: String short: String @shareable }`,
      resolvers: { Query: { garden: () => ({ id: "g", name: { long: "The long garden", short: "Gdn" } }) } },
    },
    shared_plants: {
      sdl: `${federation2} type Query { garden: Garden @shareable } type Garden { id: ID! @shareable plants(first: Int): [Plant!]! name: GardenName @shareable }
        type GardenName { short: String @shareable initial: String } type Plant { height: Int }`,
      resolvers: {
        Query: { garden: () => ({ id: "g", name: { short: "Gdn", initial: "G" }, plants: [{ height: 1 }, { height: 2 }] }) },
      },
    },
  },
  cases: [
    { query: "{ garden { id } }", data: { garden: { id: "g" } } },
    {
      query: "{ garden { name { long } plants { height } } }",
      data: { garden: { name: { long: "The long garden" }, plants: [{ height: 1 }, { height: 2 }] } },
    },
    {
      query: "{ garden { name { initial long short } } }",
      data: { garden: { name: { initial: "G", long: "The long garden", short: "Gdn" } } },
    },
    {
      query: "{ a: garden { n: name { l: long } } b: garden { plants { h: height } } }",
      data: { a: { n: { l: "The long garden" } }, b: { plants: [{ h: 1 }, { h: 2 }] } },
    },
  ],
} satisfies CaseGroup;
