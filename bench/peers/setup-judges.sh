#!/usr/bin/env bash
# Makes the Python environment with the harnesses that bench/judge measures Hone
# against: ${XDG_CACHE_HOME:-~/.cache}/hone/judges, from the system's python3.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
venv=${XDG_CACHE_HOME:-$HOME/.cache}/hone/judges
if [ ! -x "$venv/bin/python" ]; then
  if ! /usr/bin/python3 -c 'import ensurepip, venv' 2>/dev/null; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
      apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3-venv >/dev/null
    else
      echo "setup-judges: missing, as root: apt-get install python3-venv" >&2
      exit 1
    fi
  fi
  /usr/bin/python3 -m venv "$venv"
fi
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r "$here/judges.txt"
