// What the lexer of a grammar does for each character, without calls. build.sh puts the
// first three functions in the place of the library's function pointers. They do what
// the functions of these names in lexer.c do for a program that lies in memory in one
// piece and is parsed whole, and leave what is rare to them.

#include "tree_sitter/api.h"
#define set_contains search_ranges
#include "tree_sitter/parser.h"  // the grammar's own, whose tables have the form of its ABI
#include "lexer.h"
#undef set_contains

static inline void lexer_advance(TSLexer *lexer, bool skip) {
  Lexer *self = (Lexer *)lexer;
  uint32_t next = self->current_position.bytes + 1, at = next - self->chunk_start;
  // Of size 1 are ASCII, bytes that are no UTF-8, and the end, where there is no chunk.
  if (self->lookahead_size == 1 && lexer->lookahead != '\n' && at < self->chunk_size) {
    int32_t c = (signed char)self->chunk[at];
    if (c >= 0) {
      self->current_position.bytes = next;
      self->current_position.extent.column++;
      self->column_data.value += self->column_data.valid;
      if (skip) self->token_start_position = self->current_position;
      lexer->lookahead = c;
      return;
    }
  }
  lexer->advance(lexer, skip);
}

static inline void lexer_mark_end(TSLexer *lexer) {
  Lexer *self = (Lexer *)lexer;
  self->token_end_position = self->current_position;
}

static inline bool lexer_eof(const TSLexer *lexer) {
  const Lexer *self = (const Lexer *)lexer;
  return self->current_included_range_index == self->included_range_count;
}

// set_contains reports whether a character is in ranges, which ascend. Those of ASCII are
// the first few of hundreds.
static inline bool set_contains(const TSCharacterRange *ranges, uint32_t count, int32_t c) {
  if (c >= 0x80) return search_ranges(ranges, count, c);
  for (; count > 0 && ranges->start <= c; ranges++, count--)
    if (c <= ranges->end) return true;
  return false;
}
