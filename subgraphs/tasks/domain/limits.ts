/** Limits of the product (reference: house rules); the error for one that is reached names it. */
export const limits = {
  titleCharacters: 500,
  nameCharacters: 100,
  labelNameCharacters: 50,
  assignees: 10,
  labels: 20,
  /** Levels below a task without parent. */
  subtaskDepth: 4,
  openSubtasks: 200,
  /** Both ways: `blockedBy` and `blocks` are lists without pages. */
  dependencies: 50,
  mentions: 50,
  /** `Workspace.labels` is a list without pages. */
  labelsOfWorkspace: 500,
  projectMembersPerCall: 50,
  /** Each value of a filter is one more range of an index to read. */
  filterValues: 50,
  filterAlternatives: 10,
  totalCount: 10_000,
} as const;
