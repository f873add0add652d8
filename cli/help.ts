/** What `supergraph --help` prints. */
export const helpText = `supergraph: schema checks for a federated graph. Works offline, needs no account.

  compose [-o FILE] [--check-only]     compose supergraph.yaml
  check [SUBGRAPH...]                  compose, compare, validate operations, plan, cost; the command for CI
  diff BASE [HEAD]                     changes of the API and between subgraphs
  changelog BASE..HEAD                 the same as release notes
  operations check|coverage|unused     client operations against the schema
  plan FILE|- [--base REF]             the query plan of an operation (--format pretty|json|mermaid)
  usage record|export|import           evidence of what clients send (--days 30, --from redis|postgres)
  approve FINGERPRINT --reason TEXT --expires 14d
  publish -o FOLDER [--report FILE]    supergraph.graphql and its manifest (--sign-key FILE: signed, Ed25519)
  verify FILE [--public-key FILE]      a published supergraph against its manifest
  explain [RULE]                       a rule with an example
  doctor [--gateway URL] [--redis URL] what this machine, the configuration and what runs lack
  schema report|settings               JSON Schema of the report, of supergraph.check.yaml
  completion bash|zsh|fish

Common flags
  --config supergraph.yaml   --settings supergraph.check.yaml   --approvals schema-approvals.yaml   --cwd DIR
  --base REF|FILE            a git ref, another supergraph.yaml, supergraph.graphql, a manifest (file or URL), or the URL of
                             a gateway's private port (default: origin/main)
  --merge-base               compare with the commit where this branch left the base
  --only GATES               compose,diff,federation,operations,plan,cost
  --delete NAME              check what removing a subgraph would do
  --format FORMAT            pretty, json, markdown, github, gitlab, junit, sarif
  --out FORMAT=FILE          more formats, each to a file (repeat)
  --fail-on LEVEL            error (default), warning, info or never;  --fail-on-hint CODE (repeat)
  --operations GLOB          client operations or a manifest (repeat);  --usage-file FILE (repeat)
  --usage auto|required|off  required: exit 4 without evidence
  --since 30d --min-count 10 --min-percent 0.1 --ignore-client NAME@RANGE
  --color auto|always|never  --quiet  --verbose  --no-cache

Exit codes: 0 safe, 1 findings, 2 could not run, 3 does not compose, 4 no evidence, 70 a fault of this command`;
