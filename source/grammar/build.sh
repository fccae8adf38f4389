#!/usr/bin/env bash
# Builds the grammars that source embeds: one WebAssembly module a language, each with
# tree-sitter's library, lexer_step.h, common_case.h and glue.c, packed with zstd; their licences and versions.json.
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

# edit FILE SCRIPT edits a file with sed, which must find something to change.
edit() {
  local before
  before=$(sha256sum <"$1")
  sed -i "$2" "$1"
  [ "$before" != "$(sha256sum <"$1")" ] || die "$1 is not what this script expects at: $2"
}

unpack "$library"
lib=$work/tree-sitter/vendor/tree-sitter/lib
[ -f "$lib/src/lib.c" ] || die "$library does not carry the C library in vendor/tree-sitter/lib"
# The library's own functions behind those of common_case.h. A node of the stack has eight
# links, all of which were set to zero; how many count is in the node.
edit "$lib/src/parser.c" 's/^static StackVersion ts_parser__reduce(/&TSParser *, StackVersion, TSSymbol, uint32_t, int, uint16_t, bool, bool);\
static StackVersion library_reduce(/'
edit "$lib/src/subtree.c" 's/^void ts_subtree_summarize_children(/static void library_summarize_children(/'
edit "$lib/src/stack.c" '/^  \*node = (StackNode) {$/,/^  };$/c\
  node->ref_count = 1, node->link_count = 0, node->state = state;\
  node->node_count = 0, node->dynamic_precedence = 0;'
# Repetitions are balanced for the next edit of a program; here there is none, and the
# nodes that balancing moves are hidden.
edit "$lib/src/parser.c" 's/^  if (!ts_parser__balance_subtree(self)) {/  if (false) {/'
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
  # The scanner of Python, whose state is read for each token, keeps its memory.
  [ "$language" != python ] || edit "$src/scanner.c" '/external_scanner_deserialize(void/,/^}/s/array_delete(/array_clear(/'
  # glue.c defines the heap's functions, which the compiler must not take for the usual ones.
  # Without -mbulk-memory short copies are loops: wazero's instructions for them are calls.
  flags=(--target=wasm32-wasi -O3 -DNDEBUG -w -I "$lib/include" -I "$lib/src" -I "$src"
    -fno-builtin-malloc -fno-builtin-calloc -fno-builtin-realloc -fno-builtin-free)
  objects=()
  for file in "$src/parser.c" "${scanner[@]}"; do
    "$clang" "${flags[@]}" -include "$here/lexer_step.h" -c "$file" -o "${file%.c}.o"
    objects+=("${file%.c}.o")
  done
  "$clang" "${flags[@]}" -DGRAMMAR="tree_sitter_$language" \
    -Dts_malloc=malloc -Dts_calloc=calloc -Dts_realloc=realloc -Dts_free=free -c "$here/glue.c" -o "$work/glue.o"
  # Linked without -O, with which clang would run wasm-opt where there is one: other bytes.
  # A stack at the bottom of memory traps when it overflows instead of writing over data.
  "$clang" --target=wasm32-wasi -nostartfiles -Wl,--no-entry,--strip-all,--stack-first,-z,stack-size=1048576 \
    "$work/glue.o" "${objects[@]}" -o "$work/$language.wasm"
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
