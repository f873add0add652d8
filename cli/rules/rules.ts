/** One rule as `supergraph explain` tells it. Its examples are the cases of the corpus with its id. */
export interface Rule {
  readonly id: string;
  readonly title: string;
  readonly why: string;
}

const rule = (id: string, title: string, why: string): Rule => ({ id, title, why });

const perOperation = "Each stored operation is validated against the new schema: those that use it fail.";
const unknownVariables = "Values of variables are not recorded, so whatever a variable may hold counts as held.";

/** Every rule of the command's own; codes of the composer are its own documentation. */
export const rules: readonly Rule[] = [
  rule(
    "FIELD_REMOVED",
    "A field is gone from the API",
    `${perOperation} It may be gone because its last subgraph dropped it, or because it became @inaccessible.`,
  ),
  rule("FIELD_ADDED", "A field is new", "Nobody can select it yet: safe."),
  rule(
    "FIELD_TYPE_CHANGED",
    "A field gives values of another shape",
    "Operations may stay valid, but clients read another kind of value: fails for every operation that selects it.",
  ),
  rule(
    "FIELD_TYPE_NARROWED",
    "A field gives a part of the types it gave",
    "Plain selections go on; fragments on types that can no longer come are refused.",
  ),
  rule(
    "FIELD_TYPE_WIDENED",
    "A field gives more types than it gave",
    "Fields of the former type may be refused, and others may come: clients that select it are at risk.",
  ),
  rule("FIELD_NULLABLE", "A value may now be null", "Operations stay valid; clients typed for a value may fail on null."),
  rule(
    "FIELD_NON_NULL",
    "A value may no longer be null",
    "Safe if every operation still validates: a selection may conflict with its namesake. A value that is missing now nulls its parent.",
  ),
  rule(
    "DEPRECATION_DATE_NOT_REACHED",
    "A field goes before the promised day",
    'Its deprecation said "remove after" a day that has not come.',
  ),
  rule("DEPRECATED", "An element is deprecated now", "Clients are asked to move; nothing breaks."),
  rule("UNDEPRECATED", "An element is no longer deprecated", "Nothing breaks."),
  rule("DESCRIPTION_CHANGED", "Documentation changed", "Nothing breaks."),
  rule("ARGUMENT_REMOVED", "An argument is gone", perOperation),
  rule("ARGUMENT_ADDED", "An argument is new and may be left out", "Nobody gives it yet: safe."),
  rule("ARGUMENT_ADDED_REQUIRED", "A new argument must be given", perOperation),
  rule(
    "ARGUMENT_REQUIRED",
    "An argument must be given now",
    "Operations that leave it out, or give it in a nullable variable, are refused.",
  ),
  rule("ARGUMENT_TYPE_WIDENED", "An argument takes null now", "What was given is still taken: safe."),
  rule(
    "ARGUMENT_TYPE_COERCED",
    "An argument has another type that takes the same values",
    "Literals go on; a variable declared with the former type is refused.",
  ),
  rule(
    "ARGUMENT_TYPE_CHANGED",
    "An argument takes other values",
    "Fails for every operation that gives it, also where a custom scalar would let the literal pass.",
  ),
  rule("DEFAULT_ADDED", "A required input may be left out now", "What was given is still taken: safe."),
  rule(
    "DEFAULT_REMOVED",
    "A required input lost its default",
    `Operations that leave it out are refused; graphql-js says nothing of input fields here. ${unknownVariables}`,
  ),
  rule("DEFAULT_CHANGED", "A default changed", "Operations that rely on it get other answers."),
  rule("INPUT_FIELD_REMOVED", "An input field is gone", `${perOperation} ${unknownVariables}`),
  rule("INPUT_FIELD_ADDED", "An input field is new and may be left out", "Nobody gives it yet: safe."),
  rule(
    "INPUT_FIELD_ADDED_REQUIRED",
    "A new input field must be given",
    "Every request that gives the input without it is refused, also inside variables.",
  ),
  rule("INPUT_FIELD_REQUIRED", "An input field must be given now", `Requests that leave it out are refused. ${unknownVariables}`),
  rule("INPUT_FIELD_TYPE_WIDENED", "An input field takes null now", "What was given is still taken: safe."),
  rule(
    "INPUT_FIELD_TYPE_COERCED",
    "An input field has another type that takes the same values",
    "Values go on, in variables too; a variable declared for this field alone may be refused.",
  ),
  rule("INPUT_FIELD_TYPE_CHANGED", "An input field takes other values", unknownVariables),
  rule(
    "ONE_OF_ADDED",
    "An input takes exactly one of its fields now",
    `Literals with none or several are refused. ${unknownVariables} Read from the subgraphs: composition loses @oneOf.`,
  ),
  rule("ONE_OF_REMOVED", "An input takes any number of its fields now", "What was given is still taken: safe."),
  rule(
    "ENUM_VALUE_REMOVED",
    "An enum value is gone",
    `Safe where the enum only stands in answers: no request can name it. ${unknownVariables}`,
  ),
  rule(
    "ENUM_VALUE_ADDED",
    "An enum value is new",
    "Safe where the enum only stands in requests. Clients that select it and list all values do not know it.",
  ),
  rule("UNION_MEMBER_REMOVED", "A union has one type less", "Fragments on it are refused; other selections go on."),
  rule("UNION_MEMBER_ADDED", "A union has one type more", "Clients that select the union may get a type they do not know."),
  rule("INTERFACE_REMOVED", "A type no longer implements an interface", "Fragments from the one to the other are refused."),
  rule("INTERFACE_ADDED", "A type implements one more interface", "Where that interface is selected, the type may come now."),
  rule(
    "POSSIBLE_TYPE_ADDED",
    "A new type implements a known interface",
    "Where that interface is selected, the type may come now.",
  ),
  rule("TYPE_ADDED", "A type is new", "Nobody can select it yet: safe."),
  rule("TYPE_REMOVED", "A type is gone", perOperation),
  rule("TYPE_KIND_CHANGED", "A name stands for another kind of type", "Every operation that names or selects it may break."),
  rule("SCALAR_SPECIFICATION_CHANGED", "A scalar is specified elsewhere", "Its values may be written another way."),
  rule("DIRECTIVE_ADDED", "Operations may carry a new directive", "Safe."),
  rule(
    "DIRECTIVE_REMOVED",
    "Operations may no longer carry a directive",
    "One subgraph that drops an executable directive takes it from the whole API, with a mere hint of the composer.",
  ),
  rule("DIRECTIVE_LOCATION_REMOVED", "A directive may stand in fewer places", perOperation),
  rule("DIRECTIVE_NOT_REPEATABLE", "A directive may stand once only", perOperation),
  rule(
    "OPERATION_BROKEN",
    "An operation is no longer valid",
    "The schemas differ in a way no single rule explains, yet validation refuses the operation. Never silent.",
  ),
  rule(
    "OPERATION_INVALID",
    "A stored operation is not valid",
    "New operations must be valid; one that was not valid before this change only warns.",
  ),
  rule(
    "PLAN_MORE_FETCHES",
    "An operation needs more requests to subgraphs",
    "The API is the same; the plan is not. Found by planning every operation before and after.",
  ),
  rule(
    "PLAN_DEEPER",
    "An operation waits for more requests in a row",
    "The number of fetches is the same, but fewer run side by side.",
  ),
  rule("PLAN_OTHER_SUBGRAPH", "An operation asks another subgraph", "As many fetches as before; load moves."),
  rule("PLAN_IMPOSSIBLE", "An operation can no longer be planned", "The gateway would refuse it."),
  rule("COST_GREW", "An operation costs much more", "Static cost by @cost and @listSize, before and after."),
  rule("COST_OVER_LIMIT", "An operation costs more than the gateway allows", "The gateway refuses it."),
  rule(
    "FED_KEY_REMOVED",
    "A subgraph no longer answers by a key",
    "While gateways still have the old supergraph, they send the old representation.",
  ),
  rule(
    "FED_KEY_CHANGED",
    "A subgraph answers by another key",
    "While gateways still have the old supergraph, they send the old representation.",
  ),
  rule("FED_ENTITY_UNRESOLVABLE", "No subgraph answers for an entity", "Every @key says resolvable: false."),
  rule(
    "FED_FIELD_MOVED",
    "A field is answered by another subgraph",
    "Deploy the new owner, then the gateway, then clean up the old one.",
  ),
  rule("FED_OVERRIDE_STALE", "An @override has done its work", "The overridden field, or the directive, can be removed."),
  rule("FED_SHAREABLE_REMOVED", "A field may no longer be shared", "Composition fails as soon as another subgraph resolves it."),
  rule(
    "FED_SHAREABLE_DIVERGED",
    "Owners of a shared field disagree on its type",
    "Composition takes the weaker one: what one subgraph writes changes the API of another.",
  ),
  rule("FED_REQUIRES_GREW", "A field requires more of other subgraphs", "It may take one more fetch; the plans say."),
  rule(
    "FED_DEPLOY_ORDER",
    "Old and new parts do not fit each other",
    "While a deployment runs, old gateways meet new subgraphs or the other way round. Every fetch of every plan is validated against the other side's subgraph.",
  ),
  rule("FED_AUTH_LOOSENED", "More callers may see an element", "Fails until somebody approves it with a reason."),
  rule(
    "FED_AUTH_TIGHTENED",
    "Fewer callers may see an element",
    "Operations that select it may be answered with null and an error.",
  ),
  rule("FED_KEY_NOT_ID", "A new entity key is not an ID!", "Keys of one kind keep representations simple."),
  rule("FED_LIST_SIZE_MISSING", "A new list has no @listSize", "Its cost is a guess."),
  rule("FED_TAG_UNKNOWN", "A tag is not among those allowed", "Contracts are cut by tags; a misspelt one cuts wrongly."),
  rule(
    "FED_REFERENCE_RESOLVER_MISSING",
    "A running subgraph does not resolve an entity it has a key for",
    "Told by `supergraph doctor`, which asks the running subgraph.",
  ),
  rule("SUBGRAPH_ADDED", "A subgraph is new", "Start it before gateways load the supergraph."),
  rule("SUBGRAPH_REMOVED", "A subgraph is gone", "Stop it after gateways have the new supergraph."),
  rule("SUBGRAPH_URL_CHANGED", "A subgraph has another address", "Both addresses must answer while gateways change over."),
  rule(
    "BASE_DOES_NOT_COMPOSE",
    "The base is broken",
    "Nothing can be compared with it; operations are still validated against the head.",
  ),
  rule("APPROVAL_EXPIRED", "An approval is out of date", "Its finding counts again."),
  rule("APPROVAL_UNUSED", "An approval covers nothing", "Take it out, so that it cannot cover something else one day."),
  rule("APPROVAL_TOO_NARROW", "An approval does not cover every client or operation", "Its finding counts."),
];

/** Undefined for codes of the composer. */
export const findRule = (id: string): Rule | undefined => rules.find((one) => one.id === id);
