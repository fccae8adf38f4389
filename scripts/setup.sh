#!/usr/bin/env bash
# Makes sure of what the build and the tests need. As root on a Debian-like
# machine it installs what is missing; otherwise it names it. Quiet when all is there.
set -euo pipefail

die() { echo "setup: $*" >&2; exit 1; }

command -v go >/dev/null || die "Go is missing: install Go 1.26 or later (your system's package, or the official archive) and put it on PATH"
have=$(go env GOVERSION | sed 's/^go//')
need=1.26
[ "$(printf '%s\n%s\n' "$need" "$have" | sort -V | head -1)" = "$need" ] || die "Go $have is too old: $need or later is needed"

python_ok() {
  "$1" -I -c 'import sys, ctypes, json, resource, unittest, decimal; sys.exit(sys.version_info < (3, 8))' 2>/dev/null
}
for p in "${HONE_PYTHON:-}" /usr/bin/python3 python3; do
  [ -n "$p" ] && python_ok "$p" && exit 0
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "setup: installing python3" >&2
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3 >/dev/null
  python_ok /usr/bin/python3 || die "python3 was installed but lacks modules: apt-get install libpython3-stdlib"
else
  die "CPython 3.8 or later with its standard library is missing. As root: apt-get install python3"
fi
