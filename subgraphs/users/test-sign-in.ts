import { type Answer, password, sessionFields, type TestUsers } from "./test-users.ts";

export const signUpMutation = `mutation ($input: SignUpInput!) { signUp(input: $input) { ${sessionFields} } }`;
/** What a sign-up with this address gives. */
export const inputFor = (email: string, more: object = {}) => ({
  email,
  password,
  displayName: "Nora",
  timeZone: "Europe/Berlin",
  ...more,
});

export type SignInGiven = readonly [email: string, secret?: string, options?: { readonly ip?: string; readonly device?: string }];

/** Signs in by address and password, the one that sign-ups here have where none is given. */
export function signInTo(users: TestUsers, ...[email, secret = password, { ip, device } = {}]: SignInGiven): Promise<Answer> {
  return users.call(
    `mutation ($input: SignInInput!) { signIn(input: $input) { ${sessionFields} } }`,
    { input: { email, password: secret, ...(device && { device }) } },
    ip ? { ip } : {},
  );
}
