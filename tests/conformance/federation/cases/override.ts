import { type CaseGroup, federation2 } from "../case-group.ts";

/** A field belongs to the subgraph that took it over; under a label that is not active, to the former one. */
export default {
  title: "@override",
  subgraphs: {
    override_old: {
      sdl: `${federation2} type Query { posts: [Post] } type Post @key(fields: "id") { id: ID! title: String likes: Int body: String }`,
      resolvers: {
        Query: { posts: () => [{ id: "1", title: "old title", likes: 1, body: "old body" }] },
        Post: { __resolveReference: ({ id }: { id: string }) => ({ id, title: "old title", likes: 1, body: "old body" }) },
      },
    },
    override_new: {
      sdl: `${federation2} type Post @key(fields: "id") { id: ID! title: String @override(from: "override_old") body: String @override(from: "override_old", label: "percent(0)")
        likes: Int @external rank: Int @requires(fields: "likes") }`,
      resolvers: {
        Post: {
          __resolveReference: (post: object) => post,
          title: () => "new title",
          body: () => "new body",
          rank: ({ likes }: { likes: number }) => likes + 100,
        },
      },
    },
    override_gone: {
      sdl: `${federation2} type Post @key(fields: "id") { id: ID! tags: [String] @override(from: "a_subgraph_that_is_no_more") }`,
      resolvers: { Post: { __resolveReference: (post: object) => post, tags: () => ["a"] } },
    },
  },
  cases: [
    { query: "{ posts { id title } }", data: { posts: [{ id: "1", title: "new title" }] } },
    { query: "{ posts { rank title likes } }", data: { posts: [{ rank: 101, title: "new title", likes: 1 }] } },
    { query: "{ posts { body } }", data: { posts: [{ body: "old body" }] } },
    { query: "{ posts { tags } }", data: { posts: [{ tags: ["a"] }] } },
  ],
} satisfies CaseGroup;
