# One image for API, worker, sandbox and the jobs: the command tells them apart (see docker-compose.yml).
FROM node:24.11.1-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --include=dev
COPY tsconfig.json tsconfig.build.json ./
COPY scripts scripts
COPY src src
COPY assets assets
RUN npm run build && npm prune --omit=dev

FROM node:24.11.1-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
# The Temporal SDK verifies certificates of a TLS engine against the system's.
RUN apt-get update \
  && apt-get install --yes --no-install-recommends ca-certificates tini \
  && rm -rf /var/lib/apt/lists/*
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
# The font of printed documents.
COPY --from=build /app/assets assets
# Migrations are plain SQL beside the code that runs them.
COPY --from=build /app/src/db src/db
RUN mkdir -p /app/state && chown node:node /app/state
USER node
ENTRYPOINT ["tini", "--", "node", "--enable-source-maps"]
CMD ["dist/api/main.js"]
