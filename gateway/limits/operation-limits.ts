/** How large an operation may be; counted after its fragments are expanded. */
export type OperationLimits = {
  readonly maxTokens: number;
  readonly maxDepth: number;
  readonly maxAliases: number;
  readonly maxRootFields: number;
  readonly maxRootMutationFields: number;
  readonly maxDirectives: number;
  /** Fragments under `@defer`: each is planned and executed for itself. */
  readonly maxDefers: number;
  /** Fields, inline fragments and fragment spreads: what bounds a document whose fragments multiply. */
  readonly maxSelections: number;
  /** The same response name in one selection set. */
  readonly maxRepeatedField: number;
};

/** The product's limits. The largest of its own operations has 4 levels and 60 selections. */
export const defaultOperationLimits: OperationLimits = {
  maxTokens: 2_000,
  maxDepth: 12,
  maxAliases: 30,
  maxRootFields: 20,
  maxRootMutationFields: 5,
  maxDirectives: 50,
  maxDefers: 20,
  maxSelections: 1_000, // under the 1,024 of the smallest fragment bomb in the attack catalogue
  maxRepeatedField: 50, // 490 times `a{b}`: 140 ms of validation
};

/** How large the values of variables may be. */
export type VariableLimits = { readonly maxBytes: number; readonly maxDepth: number };

export const defaultVariableLimits: VariableLimits = { maxBytes: 64 * 1024, maxDepth: 20 };
