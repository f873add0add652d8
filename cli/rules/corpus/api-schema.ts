/** One subgraph with every kind of type, for changes of the API alone. */
export const api = `
directive @stale(reason: String, days: Int! = 3) repeatable on FIELD | QUERY
type Query {
  task(id: ID!): Task
  tasks(first: Int! = 20, filter: TaskFilter, after: String): [Task!]!
  byPriority(priority: Priority = LOW, only: [Priority!]): [Task!]
  node(id: ID!): Node
  pets: [Pet!]!
  search(text: String!, ref: Ref): [Hit!]!
  count(x: Int!, y: Int): Int!
  me: User
  when(at: Instant): Instant
}
type Mutation { createTask(input: NewTask!): Task! rename(id: ID!, title: String): Task }
type Subscription { taskChanged(id: ID!): Task! }
interface Node { id: ID! }
interface Pet { id: ID! name: String! age: Int }
type Dog implements Pet { id: ID! name: String! age: Int barks: Boolean! }
type Cat implements Pet { id: ID! name: String! age: Int! lives: Int! }
type Task implements Node { id: ID! title: String! note: String state: State! priority: Priority owner: User tags: [String!]! matrix: [[Int!]!] weight: Int due(zone: String = "UTC", exact: Boolean!= false): Instant old: String @deprecated(reason: "use note") later: String @deprecated(reason: "use note (remove after 2027-03-01)") past: String @deprecated(reason: "use note (remove after 2026-03-01)") }
type User implements Node { id: ID! name: String! email: String level: Level! }
type Comment { id: ID! text: String! }
union Hit = Task | User
enum State { OPEN DONE GONE }
enum Priority { LOW HIGH }
enum Level { ONE TWO }
scalar Instant
input TaskFilter { text: String state: State priorities: [Priority!] limit: Int! = 10 nested: TaskFilter mode: Int = 1 }
input NewTask { title: String! state: State! = OPEN weight: Int owner: ID extra: Extra }
input Extra { a: Int b: String }
input Ref { id: ID name: String }
`;
