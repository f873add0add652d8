import type { HttpRequest, HttpResponse } from "./http-message.ts";

const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Tributary</title>
<style>body{font:16px/1.5 system-ui;max-width:44rem;margin:3rem auto;padding:0 1rem}pre{background:#8882;padding:1rem;overflow:auto}</style>
<h1>Tributary</h1>
<p>The gateway answers GraphQL at <code>/graphql</code>: POST, GET for queries, and WebSocket (graphql-transport-ws) for subscriptions.</p>
<p>Sign in, and keep the access token:</p>
<pre>curl -s ORIGIN/graphql -H 'content-type: application/json' -d '{
  "query": "mutation ($i: SignInInput!) { signIn(input: $i) { accessToken errors { message } } }",
  "variables": { "i": { "email": "olive@demo.example", "password": "tributary-demo" } }
}'</pre>
<p>Ask something:</p>
<pre>curl -s ORIGIN/graphql -H 'content-type: application/json' -H "authorization: Bearer $TOKEN" \\
  -d '{ "query": "{ viewer { id user { displayName } memberships { role workspace { name } } } }" }'</pre>
<p>Read the schema with any GraphQL client: introspection is on in development.</p>
<script>for (const e of document.querySelectorAll("pre")) e.textContent = e.textContent.replaceAll("ORIGIN", location.origin)</script>
</html>
`;

/** A page that says how to use this gateway, at `/` in development; null for every other request. */
export const landingPage = ({ method, path }: HttpRequest): HttpResponse | null =>
  method === "GET" && path === "/"
    ? {
        status: 200,
        headers: {
          "content-type": "text/html; charset=utf-8",
          "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'",
        },
        body: page,
      }
    : null;
