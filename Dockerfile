# Hone with the full tier of isolation (docs/isolation.md):
#
#   docker build -t hone .
#   docker run --rm --security-opt seccomp=docs/docker-seccomp.json --security-opt apparmor=unconfined hone doctor
#   docker run --rm --security-opt seccomp=docs/docker-seccomp.json --security-opt apparmor=unconfined \
#     --network none -v "$PWD:/data" hone judge --problems problems.jsonl --samples samples.jsonl --out verdicts.jsonl
#
# Without the two options the landlock tier is used where the host has Landlock;
# elsewhere Hone refuses to run programs.
FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -o /hone ./cmd/hone

FROM debian:bookworm-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends python3 z3 \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --uid 10001 --create-home hone
COPY --from=build /hone /usr/local/bin/hone
USER 10001
WORKDIR /data
ENTRYPOINT ["hone"]
CMD ["doctor"]
