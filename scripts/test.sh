#!/usr/bin/env bash
# Formatting, vet, staticcheck, all tests. Prints a line a package, every failure
# in full, every check that could not run here, and a closing count.
set -uo pipefail
cd "$(dirname "$0")/.."
fail=0

unformatted=$(go tool gofumpt -l . 2>&1)
[ -z "$unformatted" ] || { echo "not formatted (go tool gofumpt -w .):"; echo "$unformatted"; fail=1; }
go vet ./... || fail=1
go tool staticcheck ./... || fail=1
CGO_ENABLED=0 GOOS=linux GOARCH=arm64 go vet ./sandbox ./judge ./problem ./tensor/... ./model ./token ./generate ./train || fail=1
GOOS=darwin go build -o /dev/null ./cmd/hone || fail=1

log=$(mktemp)
trap 'rm -f "$log"' EXIT
CGO_ENABLED=0 go test -v -timeout 20m "$@" ./... >"$log" 2>&1 || fail=1
# Once more without assembly, as on a processor that has neither AVX2 nor AVX-512.
CGO_ENABLED=0 HONE_SIMD=go go test -v -count=1 -timeout 20m "$@" ./tensor/... ./model ./generate ./train >>"$log" 2>&1 || fail=1
grep -E '^(ok|FAIL|\?|panic:)' "$log"
if [ "$fail" != 0 ]; then
  # what was printed around failures: everything but the noise of passing tests
  grep -nE '^ *--- FAIL' "$log"
  grep -vE '^(=== | *--- (PASS|SKIP)|ok |PASS$|\?)|\[rapid\] OK|NOT RUN' "$log" | tail -400
fi
passed=$(grep -cE '^ *--- PASS' "$log")
failed=$(grep -cE '^ *--- FAIL' "$log")
skipped=$(grep -cE '^ *--- SKIP' "$log")
notrun=$(grep -E 'NOT RUN' "$log" | sed 's/^ *//' | sort | uniq -c)
[ -z "$notrun" ] || { echo "checks that could not run here:"; echo "$notrun"; }
echo "$passed passed, $failed failed, $skipped skipped"
exit "$fail"
