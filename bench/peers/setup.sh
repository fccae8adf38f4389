#!/usr/bin/env bash
# Makes the Python environment that the benchmarks and the golden generators use:
# ${XDG_CACHE_HOME:-~/.cache}/hone/peers. As root on a Debian-like machine it also
# installs a C++ compiler (for torch.compile) and the allocators that PyTorch is tried with.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
venv=${XDG_CACHE_HOME:-$HOME/.cache}/hone/peers

need=()
command -v g++ >/dev/null || need+=(g++)
for lib in libjemalloc.so.2:libjemalloc2 libtcmalloc_minimal.so.4:libtcmalloc-minimal4; do
  [ -e "/usr/lib/x86_64-linux-gnu/${lib%%:*}" ] || need+=("${lib##*:}")
done
[ -x "$venv/bin/python" ] || python3 -c 'import ensurepip, venv' 2>/dev/null || need+=(python3-venv)
if [ ${#need[@]} -gt 0 ]; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${need[@]}" >/dev/null
  else
    echo "setup: missing, as root: apt-get install ${need[*]}" >&2
    exit 1
  fi
fi
[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r "$here/requirements.txt"
