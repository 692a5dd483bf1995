# One image for both programs. The default is a monitor; `operator/main.ts` as the argument is the operator.
#
#   docker build -t traffic-monitor-operator --build-arg REVISION=$(git rev-parse HEAD) .
#
# BASE needs glibc and libstdc++, no shell and no package manager; a distroless "cc" image will do.
ARG BASE=debian:bookworm-slim
ARG BUILDER=node:24-bookworm-slim

# Everything that the image adds to its base, in /image. The end-to-end tests bring this stage ready-made, from the
# same script, because they assume no registry of images or packages.
FROM ${BUILDER} AS files
WORKDIR /source
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-progress
COPY . .
RUN node_modules/.bin/node scripts/image-files.ts /image

FROM ${BASE}
ARG VERSION=0.1.0
ARG REVISION=unknown
ARG CREATED=unknown
LABEL org.opencontainers.image.title="traffic-monitor-operator" \
      org.opencontainers.image.description="Apache Traffic Control's Traffic Monitor, and the operator that spreads it over groups" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}"
COPY --from=files /image/ /
ENV NODE_ENV=production GIT_REVISION=${REVISION} BUILD_TIMESTAMP=${CREATED}
WORKDIR /app
EXPOSE 8080
USER 65532:65532
ENTRYPOINT ["/usr/local/bin/node"]
CMD ["monitor/main.ts", "--opsCfg", "/etc/traffic-monitor/traffic_ops.cfg", "--config", "/etc/traffic-monitor/traffic_monitor.cfg"]
