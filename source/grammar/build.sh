#!/usr/bin/env bash
# Builds the grammars that source embeds: one WebAssembly module a language, each with
# tree-sitter's library, lexer_step.h and glue.c, packed with zstd; their licences and versions.json.
#
#   source/grammar/build.sh
#
# Debian packages: npm clang lld wasi-libc libclang-rt-14-dev-wasm32 (or the clang's own
# version) zstd. CLANG names another clang. What npm unpacks stays in a temporary folder.
# The same clang (14.0.6 made the modules checked in) gives the same bytes.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
clang=${CLANG:-clang}
library=tree-sitter@0.25.1
grammars=(tree-sitter-python@0.25.0 tree-sitter-c@0.24.1 tree-sitter-java@0.23.5)

die() { echo "build: $*" >&2; exit 1; }
for tool in npm "$clang" wasm-ld zstd sha256sum; do
  command -v "$tool" >/dev/null || die "$tool is missing; the head of this script names the Debian packages"
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# unpack PACKAGE@VERSION puts the package's files in $work/PACKAGE.
unpack() {
  local archive
  archive=$(cd "$work" && npm pack --silent "$1") || die "npm has no $1"
  mkdir -p "$work/${1%@*}"
  tar -xzf "$work/$archive" -C "$work/${1%@*}" --strip-components=1
}

unpack "$library"
lib=$work/tree-sitter/vendor/tree-sitter/lib
[ -f "$lib/src/lib.c" ] || die "$library does not carry the C library in vendor/tree-sitter/lib"
cp "$work/tree-sitter/LICENSE" "$here/LICENSE.tree-sitter"
cp "$lib/src/unicode/LICENSE" "$here/LICENSE.unicode"
cp /usr/share/doc/wasi-libc/copyright "$here/LICENSE.wasi-libc"

rows=()
for package in "${grammars[@]}"; do
  name=${package%@*} language=${package#tree-sitter-}
  language=${language%@*}
  unpack "$package"
  src=$work/$name/src
  scanner=()
  [ ! -f "$src/scanner.c" ] || scanner=("$src/scanner.c")
  sed -i 's/lexer->\(advance\|mark_end\|eof\)(lexer/lexer_\1(lexer/g' \
    "$src/tree_sitter/parser.h" "$src/parser.c" "${scanner[@]}" # see lexer_step.h
  # glue.c defines the heap's functions, which the compiler must not take for the usual ones.
  # Without -mbulk-memory short copies are loops: wazero's instructions for them are calls.
  flags=(--target=wasm32-wasi -O3 -DNDEBUG -w -I "$lib/include" -I "$lib/src" -I "$src"
    -fno-builtin-malloc -fno-builtin-calloc -fno-builtin-realloc -fno-builtin-free)
  objects=()
  for file in "$src/parser.c" "${scanner[@]}"; do
    "$clang" "${flags[@]}" -include "$here/lexer_step.h" -c "$file" -o "${file%.c}.o"
    objects+=("${file%.c}.o")
  done
  # A stack at the bottom of memory traps when it overflows instead of writing over data.
  "$clang" "${flags[@]}" -nostartfiles -DGRAMMAR="tree_sitter_$language" \
    -Dts_malloc=malloc -Dts_calloc=calloc -Dts_realloc=realloc -Dts_free=free \
    -Wl,--no-entry,--strip-all,--stack-first,-z,stack-size=1048576 \
    "$here/glue.c" "${objects[@]}" -o "$work/$language.wasm"
  zstd -19 -q -f --no-progress "$work/$language.wasm" -o "$here/$language.wasm.zst"
  chmod 644 "$here/$language.wasm.zst"
  cp "$work/$name/LICENSE" "$here/LICENSE.$name"
  abi=$(sed -n 's/^#define LANGUAGE_VERSION //p' "$src/parser.c")
  sum=$(sha256sum "$work/$language.wasm")
  rows+=("    {\"language\": \"$language\", \"package\": \"$package\", \"abi\": $abi, \"sha256\": \"${sum%% *}\"}")
  echo "$language: $(stat -c %s "$work/$language.wasm") bytes, $(stat -c %s "$here/$language.wasm.zst") packed"
done

{
  printf '{\n  "library": "%s",\n  "grammars": [\n' "$library"
  for i in "${!rows[@]}"; do
    [ "$i" = 0 ] || printf ',\n'
    printf '%s' "${rows[$i]}"
  done
  printf '\n  ]\n}\n'
} >"$here/versions.json"
