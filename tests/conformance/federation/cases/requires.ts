import { type CaseGroup, federation2 } from "../case-group.ts";

type Parcel = { id: string; weight: number; size: { height: number }; isHeavy?: boolean; price?: number };

/** `@requires` may ask for nested fields, and for fields that themselves require others. */
export default {
  title: "@requires",
  subgraphs: {
    requires_parcels: {
      sdl: `${federation2} type Query { parcels: [Parcel] }
        type Parcel @key(fields: "id") { id: ID! weight: Int size: ParcelSize }
        type ParcelSize { height: Int @shareable width: Int }`,
      resolvers: {
        Query: {
          parcels: () => [
            { id: "1", weight: 5, size: { height: 2, width: 1 } },
            { id: "2", weight: 50, size: { height: 9, width: 1 } },
            null,
          ],
        },
        Parcel: { __resolveReference: ({ id }: Parcel) => ({ id, weight: id === "1" ? 5 : 50, size: { height: 2, width: 1 } }) },
      },
    },
    requires_rules: {
      sdl: `${federation2} type Parcel @key(fields: "id") { id: ID! weight: Int @external size: ParcelSize @external isPriced: Boolean
          isHeavy: Boolean @requires(fields: "weight") volume: Int @requires(fields: "size { height }") advice: String @requires(fields: "price") price: Int @external }
        type ParcelSize { height: Int @external }`,
      resolvers: {
        Parcel: {
          __resolveReference: (parcel: Parcel) => parcel,
          isHeavy: ({ weight }: Parcel) => weight > 10,
          volume: ({ size }: Parcel) => size.height ** 3,
          isPriced: () => true,
          advice: ({ price }: Parcel) => `pay ${price}`,
        },
      },
    },
    requires_prices: {
      sdl: `${federation2} type Parcel @key(fields: "id") { id: ID! isHeavy: Boolean @external price: Int @requires(fields: "isHeavy") }`,
      resolvers: {
        Parcel: { __resolveReference: (parcel: Parcel) => parcel, price: ({ isHeavy }: Parcel) => (isHeavy ? 100 : 10) },
      },
    },
  },
  cases: [
    { query: "{ parcels { isHeavy } }", data: { parcels: [{ isHeavy: false }, { isHeavy: true }, null] } },
    {
      query: "{ parcels { volume isHeavy } }",
      data: { parcels: [{ volume: 8, isHeavy: false }, { volume: 729, isHeavy: true }, null] },
    },
    { query: "{ parcels { advice } }", data: { parcels: [{ advice: "pay 10" }, { advice: "pay 100" }, null] } },
    {
      query: "{ parcels { size { width } volume price isPriced advice } }",
      data: {
        parcels: [
          { size: { width: 1 }, volume: 8, price: 10, isPriced: true, advice: "pay 10" },
          { size: { width: 1 }, volume: 729, price: 100, isPriced: true, advice: "pay 100" },
          null,
        ],
      },
    },
  ],
} satisfies CaseGroup;
