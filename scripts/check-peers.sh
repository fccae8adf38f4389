#!/usr/bin/env bash
# Compares findings with those of pycodestyle, pyflakes and Bandit on programs of this
# machine and writes bench/FINDINGS.md: about ten minutes (HONE_LONG=0: two, with 50 programs). Needs the Debian packages
# python3-pycodestyle, python3-pyflakes and python3-bandit.
set -euo pipefail
cd "$(dirname "$0")/.."
export CGO_ENABLED=0 HONE_LONG="${HONE_LONG-1}"
out=${FINDINGS-bench/FINDINGS.md}
log=$(mktemp)
trap 'rm -f "$log" "$log.md"' EXIT

# compare TITLE PACKAGE TEST appends what the test measured, or that it could not.
compare() {
  echo "## $1"
  echo
  local status=0
  go test -count=1 -v -timeout 60m -run "$3" "$2" >"$log" || status=$?
  if grep -qE '^ *--- SKIP' "$log"; then
    grep -A1 -E '_test.go' "$log" | sed -E 's/^ *\S+_test.go:[0-9]+: /NOT RUN: /'
  else
    awk '/_test.go:[0-9]+: [0-9]+ programs/ { on = 1; sub(/^ *[a-z_]+_test.go:[0-9]+: /, "        ") } /^ *--- |_test.go:/ { on = 0 } on' "$log" |
      sed -E 's/^ {8,16}([^ ]|    )/\1/; s#/usr/lib/##; s/^ +$//'
    [ "$status" = 0 ] || grep -E '_test.go:[0-9]+: agreement' "$log" || tail -20 "$log"
  fi
  echo
}

{
  echo "# Findings beside those of the tools"
  echo
  echo "Made by \`make findings\` on $(date +%F), $(/usr/bin/python3 --version), programs of \`/usr/lib/python3*\` spread evenly over"
  echo "all that are there. A line counts as the same if both report the same rules in the same columns (Bandit: lines,"
  echo "grades) with the same messages. Each table counts findings; \`+\` below it is ours alone, \`-\` the tool's alone, up to"
  echo "three of a rule."
  echo
  compare "pycodestyle 2.10, all rules on" ./source/style TestRealPrograms
  compare "pyflakes 2.5" ./source/flakes TestRealPrograms
  compare "Bandit 1.6.2, with the rules that Python 3.8 put to sleep awake again" ./source/security 'TestRealPrograms/awake'
  compare "Bandit 1.6.2 as it is under Python 3.11" ./source/security 'TestRealPrograms/as_it_is'
} >"$log.md"
mv "$log.md" "$out"
grep -E '^[0-9]+ programs|NOT RUN' "$out"
