import { type CaseGroup, federation2 } from "../case-group.ts";

type Shop = {
  __typename: string;
  id: string;
  currency?: string | null;
  legacyCurrency?: string;
  offers?: Offer[];
  featured?: Shelf;
};
type Offer = { id: string };
type Shelf = { id: string };

const shops: Record<string, Shop> = {
  1: { __typename: "ContextShop", id: "1", currency: "EUR", offers: [{ id: "a" }, { id: "b" }], featured: { id: "s" } },
  2: { __typename: "ContextShop", id: "2", currency: "SEK", offers: [{ id: "a" }, { id: "c" }], featured: { id: "s" } },
  3: { __typename: "ContextShop", id: "3", currency: null, offers: [{ id: "a" }] },
  4: { __typename: "ContextStall", id: "4", currency: "unused", legacyCurrency: "DM", offers: [{ id: "b" }] },
  5: { __typename: "ContextShop", id: "5", currency: "EUR", offers: [] },
};
const manyShops = Array.from({ length: 30 }, (_, n) => ({ ...shops[1], id: `m${n}`, currency: `C${n}`, offers: [{ id: "a" }] }));
const id = ({ id: own }: { id: string }) => own;
const offerPrice = ({ id: own }: Offer, { currency }: { currency?: string | null }) =>
  currency === undefined ? "none given" : `${own} in ${currency}`;

/** A field may take an argument from the nearest ancestor that sets a context, however the entity was reached. */
export default {
  title: "contexts",
  subgraphs: {
    contexts_shops: {
      sdl: `${federation2} scalar ContextAny
        type Query { contextShop: ContextShop! contextShops: [ContextShop] contextManyShops: [ContextShop!]! contextPlaces: [ContextPlace] contextNations: [ContextNation] contextGone: ContextWard contextSections: [ContextSection] }
        type Mutation { openContextShop(currency: String): ContextShop }
        union ContextPlace = ContextShop | ContextStall
        type ContextShop @key(fields: "id") @context(name: "place") { id: ID! currency: String inner: ContextShop offers: [ContextOffer!] featured: ContextShelf wares: ContextWares }
        type ContextStall @key(fields: "id") @context(name: "place") { id: ID! currency: String legacyCurrency: String! offers: [ContextOffer!] }
        type ContextWares { best: ContextOffer }
        type ContextShelf @key(fields: "id") { id: ID! }
        type ContextOffer @key(fields: "id") { id: ID!
          price(currency: String @fromContext(field: "$place { currency }"), round: Boolean = false): String
          label(currency: String @fromContext(field: "$place ... on ContextShop { currency } ... on ContextStall { legacyCurrency }")): String }
        type ContextNation @key(fields: "id") @context(name: "nation") { id: ID! laws: ContextLaws! tags: [[String!]!] towns: [ContextTown!]! }
        type ContextLaws { tax: Int! rules: [ContextRule!]! } type ContextRule { name: String! }
        type ContextTown @key(fields: "id") { id: ID! tax(rate: Int @fromContext(field: "$nation { laws { tax } }")): Int!
          rules(names: [String] @fromContext(field: "$nation { laws { rules { name } } }"), tags: [[String]] @fromContext(field: "$nation { tags }")): String }
        interface ContextSection @context(name: "section") @key(fields: "id") { id: ID! hue: String }
        type ContextAisle implements ContextSection @key(fields: "id") { id: ID! hue: String lamp: ContextLamp }
        type ContextAnnex implements ContextSection @key(fields: "id") { id: ID! hue: String lamp: ContextLamp }
        type ContextLamp @key(fields: "id") { id: ID! light(hue: String @fromContext(field: "$section { hue }")): String }
        type ContextWard @key(fields: "id") @context(name: "ward") { id: ID! mood: String @external beds: [ContextBed!] }
        type ContextBed @key(fields: "id") { id: ID! note(mood: String @fromContext(field: "$ward { mood }")): String }`,
      resolvers: {
        Query: {
          contextShop: () => ({ ...shops[1], inner: shops[2], wares: { best: { id: "w" } } }),
          contextShops: () => [shops[1], shops[2], null, shops[3], shops[5]],
          contextManyShops: () => manyShops,
          contextPlaces: () => [shops[1], shops[4]],
          contextNations: () => [
            {
              id: "x",
              laws: { tax: 7, rules: [{ name: "first" }, { name: "second" }] },
              tags: [["k"], []],
              towns: [{ id: "t" }],
            },
            { id: "y", laws: { tax: 9, rules: [] }, tags: null, towns: [{ id: "t" }, { id: "u" }] },
          ],
          contextGone: () => ({ id: "ward", beds: [{ id: "bed" }] }),
          contextSections: () => [
            { __typename: "ContextAisle", id: "1", hue: "red", lamp: { id: "l" } },
            { __typename: "ContextAnnex", id: "2", hue: "blue", lamp: { id: "l" } },
          ],
        },
        Mutation: { openContextShop: (_: unknown, args: { currency?: string }) => ({ ...shops[1], ...args }) },
        ContextPlace: { __resolveType: ({ __typename }: Shop) => __typename },
        ContextSection: {
          __resolveType: ({ __typename }: Shop) => __typename,
          __resolveReference: (reference: Offer) => reference,
        } as never,
        ContextShop: {
          __resolveReference: (reference: Shop) =>
            shops[reference.id] ?? manyShops.find((shop) => id(shop as Offer) === reference.id),
        },
        ContextOffer: {
          price: offerPrice,
          label: (offer: Offer, args: { currency?: string }) => `label ${offerPrice(offer, args)}`,
        },
        ContextTown: {
          tax: ({ id: own }: Offer, { rate }: { rate: number }) => rate * (own === "t" ? 10 : 100),
          rules: (_: unknown, args: object) => JSON.stringify(args),
        },
        ContextLamp: { light: ({ id: own }: Offer, { hue }: { hue: string }) => `${own} ${hue}` },
        ContextBed: { note: ({ id: own }: Offer, { mood }: { mood: string }) => `${own} ${mood}` },
      } as never,
    },
    contexts_stock: {
      sdl: `${federation2} type ContextShelf @key(fields: "id") { id: ID! top: ContextOffer all: [ContextOffer] }
        type ContextOffer @key(fields: "id") { id: ID! name: String! }
        type ContextShop @key(fields: "id") { id: ID! returns: [ContextOffer!] }
        type ContextWard @key(fields: "id") { id: ID! mood: String }`,
      resolvers: {
        ContextShelf: {
          __resolveReference: (shelf: Shelf) => ({ ...shelf, top: { id: "t" }, all: [{ id: "t" }, null, { id: "u" }] }),
        },
        ContextShop: { __resolveReference: (shop: Shop) => ({ ...shop, returns: [{ id: `r${shop.id}` }, { id: "a" }] }) },
        ContextOffer: { __resolveReference: (offer: Offer) => offer, name: ({ id: own }: Offer) => `name ${own}` },
        ContextWard: {
          __resolveReference: () => {
            throw new Error("no mood");
          },
        },
      } as never,
    },
  },
  cases: [
    {
      query: "{ contextShop { offers { price } } }",
      data: { contextShop: { offers: [{ price: "a in EUR" }, { price: "b in EUR" }] } },
    },
    // The same offer stands in shops of different currencies; one has none.
    {
      query: "{ contextShops { offers { id price } } }",
      data: {
        contextShops: [
          {
            offers: [
              { id: "a", price: "a in EUR" },
              { id: "b", price: "b in EUR" },
            ],
          },
          {
            offers: [
              { id: "a", price: "a in SEK" },
              { id: "c", price: "c in SEK" },
            ],
          },
          null,
          { offers: [{ id: "a", price: "a in null" }] },
          { offers: [] },
        ],
      },
    },
    // The inner shop sets the context anew; wares do not.
    {
      query: "{ contextShop { wares { best { price } } inner { offers { price } } } }",
      data: {
        contextShop: {
          wares: { best: { price: "w in EUR" } },
          inner: { offers: [{ price: "a in SEK" }, { price: "c in SEK" }] },
        },
      },
    },
    {
      query: "{ contextPlaces { ... on ContextShop { offers { label price } } ... on ContextStall { offers { label } } } }",
      data: {
        contextPlaces: [
          {
            offers: [
              { label: "label a in EUR", price: "a in EUR" },
              { label: "label b in EUR", price: "b in EUR" },
            ],
          },
          { offers: [{ label: "label b in DM" }] },
        ],
      },
    },
    // What another service holds for the shelf is fetched once, and stands in both shops.
    {
      query: "{ contextShops { featured { top { price name } all { price } } } }",
      data: {
        contextShops: [
          { featured: { top: { price: "t in EUR", name: "name t" }, all: [{ price: "t in EUR" }, null, { price: "u in EUR" }] } },
          { featured: { top: { price: "t in SEK", name: "name t" }, all: [{ price: "t in SEK" }, null, { price: "u in SEK" }] } },
          null,
          { featured: null },
          { featured: null },
        ],
      },
    },
    {
      query:
        "query ($yes: Boolean!) { shop: contextShop { back: returns { x: price(round: true) label @skip(if: $yes) name } } }",
      variables: { yes: true },
      data: {
        shop: {
          back: [
            { x: "r1 in EUR", name: "name r1" },
            { x: "a in EUR", name: "name a" },
          ],
        },
      },
    },
    // More groups than go in one request.
    {
      query: "{ contextManyShops { offers { price } } }",
      data: { contextManyShops: manyShops.map(({ currency }) => ({ offers: [{ price: `a in ${currency}` }] })) },
    },
    {
      query: "{ contextNations { towns { id tax } } }",
      data: {
        contextNations: [
          { towns: [{ id: "t", tax: 70 }] },
          {
            towns: [
              { id: "t", tax: 90 },
              { id: "u", tax: 900 },
            ],
          },
        ],
      },
    },
    {
      query: "{ contextNations { towns { rules } } }",
      data: {
        contextNations: [
          { towns: [{ rules: '{"names":["first","second"],"tags":[["k"],[]]}' }] },
          { towns: [{ rules: '{"names":[],"tags":null}' }, { rules: '{"names":[],"tags":null}' }] },
        ],
      },
    },
    // The planner fetches only one of two values below the same object: what needs the other is null, with an error.
    {
      query: "{ contextNations { towns { id rules tax } } }",
      data: { contextNations: [null, null] },
      hasErrors: true,
    },
    {
      query: "{ contextSections { ... on ContextAisle { lamp { light } } ... on ContextAnnex { lamp { light } } } }",
      data: { contextSections: [{ lamp: { light: "l red" } }, { lamp: { light: "l blue" } }] },
    },
    {
      query: 'mutation { openContextShop(currency: "NOK") { offers { price } } }',
      data: { openContextShop: { offers: [{ price: "a in NOK" }, { price: "b in NOK" }] } },
    },
    // A client cannot say what a context is, whatever it calls its variables.
    {
      query:
        "query ($contextualArgument_1_0: Boolean, $contextualArgument_1_1: Boolean) { contextShop { offers { price(round: $contextualArgument_1_0) x: price(round: $contextualArgument_1_1) } } }",
      variables: { contextualArgument_1_0: true, contextualArgument_1_1: true },
      data: {
        contextShop: {
          offers: [
            { price: "a in EUR", x: "a in EUR" },
            { price: "b in EUR", x: "b in EUR" },
          ],
        },
      },
    },
    // A context that could not be fetched is an input that is missing.
    {
      query: "{ contextGone { id beds { id note } } }",
      data: { contextGone: { id: "ward", beds: [{ id: "bed", note: null }] } },
      hasErrors: true,
    },
  ],
} satisfies CaseGroup;
