import { parse, print } from "graphql";

type Node = {
  readonly kind: string;
  readonly nodes?: readonly Node[];
  readonly node?: Node;
  readonly primary?: Node;
  readonly rest?: Node;
  readonly deferred?: readonly Node[];
  readonly ifClause?: Node;
  readonly elseClause?: Node;
  readonly serviceName?: string;
  readonly operation?: string;
  readonly path?: readonly (string | number)[];
  readonly condition?: string;
};

const childrenOf = ({ nodes = [], node, primary, rest, deferred = [], ifClause, elseClause }: Node): Node[] =>
  [...nodes, node, primary, ...deferred, rest, ifClause, elseClause].filter((child) => child !== undefined);

/** A plan as an indented tree with the text of each fetch. */
export function planTree(plan: unknown, depth = 0): string {
  const node = plan as Node;
  const indent = "  ".repeat(depth);
  if (node.kind === "Fetch") {
    const text = print(parse(node.operation!))
      .split("\n")
      .map((line) => `${indent}  ${line}`)
      .join("\n");
    return `${indent}Fetch ${node.serviceName}\n${text}`;
  }
  const title = `${node.kind}${node.path ? ` ${node.path.join(".")}` : ""}${node.condition ? ` $${node.condition}` : ""}`;
  return [`${indent}${title}`, ...childrenOf(node).map((child) => planTree(child, depth + 1))].join("\n");
}

/** A plan as a mermaid flowchart: what waits for what. */
export function planMermaid(plan: unknown): string {
  const lines = ["flowchart LR"];
  let count = 0;
  /** Draws a node after `before` and gives the nodes whatever follows must wait for. */
  const draw = (node: Node, before: readonly string[]): string[] => {
    if (node.kind === "Fetch") {
      count += 1;
      const id = `f${count}`;
      lines.push(`  ${id}["${node.serviceName}"]`, ...before.map((from) => `  ${from} --> ${id}`));
      return [id];
    }
    const children = childrenOf(node);
    if (node.kind === "Parallel" || node.kind === "Condition") return children.flatMap((child) => draw(child, before));
    return children.reduce<string[]>((last, child) => draw(child, last), [...before]);
  };
  draw(plan as Node, []);
  return lines.join("\n");
}
