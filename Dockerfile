# One image for every role: `node gateway/main.ts`, `node subgraphs/tasks/main.ts`, `node subgraphs/tasks/worker.ts`,
# `node subgraphs/tasks/migrate.ts`. The base needs Node 26 and, for the first stage only, npm.
ARG BASE_IMAGE=docker.io/library/node:26-bookworm-slim

FROM ${BASE_IMAGE} AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY contracts/package.json contracts/
COPY platform/package.json platform/
COPY gateway/package.json gateway/
COPY subgraphs/users/package.json subgraphs/users/
COPY subgraphs/tasks/package.json subgraphs/tasks/
COPY subgraphs/notifications/package.json subgraphs/notifications/
# Only what the services import; no install script of any package runs.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund \
      -w contracts -w platform -w gateway -w subgraphs/users -w subgraphs/tasks -w subgraphs/notifications

FROM ${BASE_IMAGE}
WORKDIR /app
COPY --from=packages /app ./
COPY supergraph.yaml ./
COPY contracts contracts
COPY platform platform
COPY gateway gateway
COPY subgraphs subgraphs
# No default for NODE_ENV in the code: an image is production unless told otherwise.
# Threads share two arenas of malloc: one each keeps 12 MB more in a gateway, and nothing allocates so much that they wait.
ENV NODE_ENV=production APOLLO_TELEMETRY_DISABLED=1 MALLOC_ARENA_MAX=2
# A number, so that Kubernetes can see that it is not root. Nothing in the image belongs to it: it writes nothing there.
USER 10001:10001
EXPOSE 4000 9000
# Objects in requests must not reach prototypes by name.
ENTRYPOINT ["node", "--disable-proto=delete", "--import", "/app/platform/quick-imports/index.ts"]
CMD ["gateway/main.ts"]
