import { demoPassword, demoPeople, demoWorkspaces } from "@tributary/contracts/demo-world";
import type { Seed } from "./prepare-databases.ts";

export interface CardOptions {
  readonly graphqlUrl: string;
  readonly webSocketUrl: string;
  readonly adminUrl: string;
  readonly mailUrl: string;
  readonly seed: Seed;
  readonly tookMs: number;
}

/** What `npm start` prints when all is ready: where things are, who may sign in, and what to try first. */
export function welcomeCard({ graphqlUrl, webSocketUrl, adminUrl, mailUrl, seed, tookMs }: CardOptions): string {
  const addresses = `
Tributary is ready (${(tookMs / 1_000).toFixed(1)} s). Ctrl-C stops everything.

  GraphQL     ${graphqlUrl}
  WebSocket   ${webSocketUrl}
  Admin       ${adminUrl}   (health/ready, metrics)
  Mails       ${mailUrl}
`;
  return seed === "demo" ? `${addresses}${demoPart(graphqlUrl)}` : addresses;
}

function demoPart(graphqlUrl: string): string {
  const [workspace] = demoWorkspaces;
  const roles = new Map(workspace?.members.map(({ person, role }) => [person, role]));
  const people = demoPeople.slice(0, 5).map(({ email, number }) => `  ${email.padEnd(24)} ${roles.get(number)?.toLowerCase()}`);
  const [owner] = demoPeople;
  const post = (body: object, ...headers: string[]) =>
    `curl -s ${graphqlUrl} -H 'content-type: application/json' ${headers.map((header) => `-H "${header}" `).join("")}-d '${JSON.stringify(body)}'`;
  const signIn = post({
    query: "mutation($i:SignInInput!){signIn(input:$i){accessToken}}",
    variables: { i: { email: owner?.email, password: demoPassword } },
  });
  const bearer = "authorization: Bearer $TOKEN";
  const myDay = "{viewer{user{displayName} memberships{role workspace{slug name}}}}";
  const board =
    "query($s:String!){workspace(ref:{slug:$s}){name projects(first:3){nodes{name tasks(first:2){nodes{identifier title assignees{displayName}}}}}}}";
  return `
Demo people (password ${demoPassword}, workspace ${workspace?.slug}):
${people.join("\n")}

Try:
  TOKEN=$(${signIn} | sed 's/.*"accessToken":"\\([^"]*\\)".*/\\1/')
  ${post({ query: myDay }, bearer)}
  ${post({ query: board, variables: { s: workspace?.slug } }, bearer)}
`;
}
