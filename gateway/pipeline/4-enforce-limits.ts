import { type GraphQLError, getVariableValues } from "graphql";
import { badUserInput, RequestError } from "../errors.ts";
import { enforceVariableLimits, type VariableLimits } from "../limits/index.ts";
import type { OperationRecord } from "../operations/index.ts";

export type EnforceLimitsOptions = {
  readonly variableLimits: VariableLimits;
  readonly introspection: boolean;
  /** True where error texts may not name parts of the schema that the client did not. */
  readonly hideSuggestions: boolean;
};

export type VariablesText = {
  readonly variables: Readonly<Record<string, unknown>>;
  readonly receivedBytes: number;
};

const maxVariableErrors = 50;
const maxMessageLength = 300; // the text repeats the value it complains of

/**
 * What of the limits depends on more than the document, which was measured when its record was made: introspection and
 * the values of variables. Gives the values coerced, defaults filled in. @throws RequestError 400
 */
export const createEnforceLimits =
  ({ variableLimits, introspection, hideSuggestions }: EnforceLimitsOptions) =>
  (record: OperationRecord, { variables, receivedBytes }: VariablesText): Readonly<Record<string, unknown>> => {
    if (record.counts.introspection && !introspection) throw introspectionDisabled();
    enforceVariableLimits(variables, receivedBytes, variableLimits);
    const definitions = record.operation.variableDefinitions ?? [];
    if (definitions.length === 0) return {};
    const { apiSchema } = record.generation;
    const result = getVariableValues(apiSchema, definitions, variables, { maxErrors: maxVariableErrors, hideSuggestions });
    if (result.errors) throw badUserInput("A variable does not fit its type.", result.errors.map(toFormatted));
    if (record.kind === "subscription" && record.shape.deferred?.(result.coerced)) throw deferredEvents();
    return result.coerced;
  };

const toFormatted = ({ message, locations }: GraphQLError) => ({
  message: message.length > maxMessageLength ? `${message.slice(0, maxMessageLength)}...` : message,
  ...(locations && { locations }),
  extensions: { code: "BAD_USER_INPUT" },
});

/** Without a variable, validation has refused it. */
const deferredEvents = (): RequestError => badUserInput("@defer cannot be used in a subscription: its `if` must be false.");

const introspectionDisabled = (): RequestError =>
  new RequestError({
    status: 400,
    code: "GRAPHQL_VALIDATION_FAILED",
    message: "Introspection is disabled here: ask for neither __schema nor __type.",
    extensions: { validationErrorCode: "INTROSPECTION_DISABLED" },
  });
