// What Go calls of a grammar in WebAssembly: parse a program and write its tree as one
// array in preorder. Compiled by build.sh with tree-sitter's library and one grammar;
// -DGRAMMAR names the grammar's function.
//
// Every call of source() starts with an empty heap and a new parser, so a result depends
// on the program alone, nothing leaks, and free memory is not scattered. What is in
// static memory stays, but is the same whatever was parsed.

// ---- Tables: most states of a grammar are lists that the library searches for a symbol.
// What it found is kept here; that depends on the grammar alone.

#define ts_language_lookup search_table
#include "language.h"
#undef ts_language_lookup

enum { FOUND = 1 << 13 };
static struct {
  uint32_t key, value;
} found[FOUND];  // a key of 0 is of state 0, which is no list

static inline uint16_t ts_language_lookup(const TSLanguage *language, TSStateId state, TSSymbol symbol) {
  if (state < language->large_state_count) return search_table(language, state, symbol);
  uint32_t key = (uint32_t)state << 16 | symbol, at = (key ^ key >> 13 ^ key >> 17) % FOUND;
  if (found[at].key != key) {
    found[at].value = search_table(language, state, symbol);
    found[at].key = key;
  }
  return found[at].value;
}

#include "lib.c"
#include "common_case.h"

const TSLanguage *GRAMMAR(void);

#define EXPORT(name) __attribute__((export_name(name)))

// ---- Memory: an arena with a list of free blocks for each size. A block has its class
// in the 8 bytes before it; four classes double the size.

enum { PAGE = 65536, CLASSES = 4 * 32 };

extern unsigned char __heap_base;
static uintptr_t top;  // first byte never handed out
static uint64_t work;  // bytes handed out, again and again the same ones
static struct Block { struct Block *next; } *freed[CLASSES];

static unsigned class_of(size_t size) {
  if (size <= 16) return 0;
  unsigned octave = 31 - __builtin_clz(size - 1);  // 2^octave < size <= 2^(octave+1)
  return 4 * (octave - 4) + (((size - 1) >> (octave - 2)) & 3) + 1;
}

static size_t size_of(unsigned class) {
  if (class == 0) return 16;
  class--;
  return (size_t)(5 + (class & 3)) << (class / 4 + 2);
}

void *malloc(size_t size) {
  if (size > 1u << 30) __builtin_trap();
  work += size;
  unsigned class = class_of(size);
  struct Block *b = freed[class];
  if (b) {
    freed[class] = b->next;
    return b;
  }
  uintptr_t block = top + 8;
  top = block + ((size_of(class) + 7) & ~(size_t)7);
  size_t have = __builtin_wasm_memory_size(0) * (size_t)PAGE;
  if (top > have) {
    // An eighth more than needed, because growing may copy all of the memory.
    size_t more = (top - have + have / 8) / PAGE + 1;
    if (__builtin_wasm_memory_grow(0, more) == (size_t)-1 &&
        __builtin_wasm_memory_grow(0, (top - have) / PAGE + 1) == (size_t)-1)
      __builtin_trap();
  }
  *(unsigned *)(block - 8) = class;
  return (void *)block;
}

void free(void *p) {
  if (!p) return;
  unsigned class = *(unsigned *)((char *)p - 8);
  struct Block *b = p;
  b->next = freed[class];
  freed[class] = b;
}

void *calloc(size_t n, size_t size) {
  void *p = malloc(n * size);
  return memset(p, 0, n * size);
}

void *realloc(void *p, size_t size) {
  if (!p) return malloc(size);
  size_t have = size_of(*(unsigned *)((char *)p - 8));
  if (size <= have) return p;
  void *q = malloc(size);
  memcpy(q, p, have);
  free(p);
  return q;
}

// ---- What the library calls of C's standard input and output when it logs, which it
// never does here. Without these it would ask its host for files.

#undef stderr
FILE *const stderr = NULL;
int fprintf(FILE *f, const char *format, ...) { return 0; }
int printf(const char *format, ...) { return 0; }
int snprintf(char *s, size_t n, const char *format, ...) { return 0; }
int vsnprintf(char *s, size_t n, const char *format, va_list args) { return 0; }
int fputs(const char *s, FILE *f) { return 0; }
int fputc(int c, FILE *f) { return 0; }
int fclose(FILE *f) { return 0; }
void abort(void) { __builtin_trap(); }
int clock_gettime(clockid_t clock, struct timespec *now) {
  now->tv_sec = now->tv_nsec = 0;
  return 0;
}

// ---- Parsing

// cancelled asks the host whether it still wants the tree.
__attribute__((import_module("hone"), import_name("cancelled"))) unsigned cancelled(void);

// The work that a parse has done is counted in bytes allocated: over programs of all
// kinds, in and out of error recovery, its time is 7 to 14 ns a byte. Recovery copies what it
// has seen for each new error, so the time can grow with the square of the size.
static uint64_t work_limit;

// stop is asked once in about a hundred operations of the parser.
static bool stop(TSParseState *state) { return work > work_limit || cancelled(); }

static const char *program;
static unsigned program_size;

static const char *read_program(void *payload, uint32_t at, TSPoint position, uint32_t *n) {
  *n = at < program_size ? program_size - at : 0;
  return *n ? program + at : "";
}

// source empties the heap and returns where to write a program of size bytes.
EXPORT("source") char *source(unsigned size) {
  memset(freed, 0, sizeof freed);
  top = ((uintptr_t)&__heap_base + 7) & ~(uintptr_t)7;
  program_size = size;
  return (char *)(program = malloc(size));
}

enum { NAMED = 1, EXTRA = 2, MISSING = 4, HAS_ERROR = 8 };

typedef struct {
  uint16_t kind;
  uint8_t field, flags;
  uint32_t start, end;
  int32_t parent;
  uint32_t next;  // one past the last descendant
  uint32_t depth;
} Record;

// Inner is a node whose children are being written. The library's tree has hidden nodes
// too: what is in them belongs to the node above.
typedef struct {
  const Subtree *children;
  uint32_t count, done;    // children, and how many of them are written
  uint32_t place;          // of the next child among those that are no extras, which rules count by
  uint32_t production;     // the rule that made the node
  uint32_t at;             // where the next child's padding starts
  uint32_t field, visible;  // what a hidden node is in the node above
  uint32_t record;         // the node itself, or the one above if it is hidden
} Inner;

static TSFieldId field_at(const TSLanguage *language, const Inner *in) {
  const TSFieldMapEntry *map, *end;
  ts_language_field_map(language, in->production, &map, &end);
  for (; map < end; map++)
    if (!map->inherited && map->child_index == in->place) return map->field_id;
  return in->field;
}

static Inner inner(Subtree node, uint32_t at, TSFieldId field, bool visible, uint32_t record) {
  return (Inner){
    .children = ts_subtree_children(node), .count = ts_subtree_child_count(node),
    .production = node.ptr->production_id, .at = at, .field = visible ? 0 : field, .visible = visible,
    .record = record,
  };
}

static Record record(const TSLanguage *language, Subtree node, TSSymbol alias, uint32_t start) {
  uint32_t flags = 0;
  if (alias ? ts_language_symbol_metadata(language, alias).named : ts_subtree_named(node)) flags |= NAMED;
  if (ts_subtree_extra(node)) flags |= EXTRA;
  if (ts_subtree_missing(node)) flags |= MISSING;
  if (ts_subtree_error_cost(node) > 0) flags |= HAS_ERROR;
  return (Record){
    .kind = ts_language_public_symbol(language, alias ? alias : ts_subtree_symbol(node)), .flags = flags,
    .start = start, .end = start + ts_subtree_size(node).bytes, .parent = -1,
  };
}

typedef Array(Inner) Inners;

// write_tree writes the visible nodes of a tree in preorder and returns how many.
static uint32_t write_tree(const TSLanguage *language, Subtree root, Record *records) {
  uint32_t n = 1;
  records[0] = record(language, root, 0, ts_subtree_padding(root).bytes);
  records[0].next = 1;
  if (ts_subtree_child_count(root) == 0) return n;
  Inners stack = array_new();
  array_push(&stack, inner(root, 0, 0, true, 0));
  while (stack.size) {
    Inner *in = array_back(&stack);
    if (in->done == in->count) {
      if (in->visible) records[in->record].next = n;
      stack.size--;
      continue;
    }
    Subtree child = in->children[in->done++];
    uint32_t at = in->at, start = at + ts_subtree_padding(child).bytes;
    in->at = start + ts_subtree_size(child).bytes;
    TSSymbol alias = 0;
    TSFieldId field = 0;
    if (!ts_subtree_extra(child)) {
      alias = ts_language_alias_at(language, in->production, in->place);
      field = field_at(language, in);
      in->place++;
    }
    bool visible = alias || ts_subtree_visible(child);
    uint32_t above = in->record;
    if (visible) {
      records[n] = record(language, child, alias, start);
      records[n].field = field;
      records[n].parent = above;
      records[n].depth = records[above].depth + 1;
      records[n].next = n + 1;
      above = n++;
    } else if (ts_subtree_visible_child_count(child) == 0) {
      continue;
    }
    if (ts_subtree_child_count(child) > 0) array_push(&stack, inner(child, at, field, visible, above));
  }
  return n;
}

static struct { uint32_t count, records; } result;

// parse returns the tree's size and records; a size of 0 says that it took more work than
// the limit or was cancelled.
EXPORT("parse") void *parse(uint64_t limit) {
  work = 0;
  work_limit = limit;
  result.count = 0;
  TSParser *parser = ts_parser_new();
  ts_parser_set_language(parser, GRAMMAR());
  TSInput input = {NULL, read_program, TSInputEncodingUTF8, NULL};
  TSParseOptions options = {NULL, stop};
  TSTree *tree = ts_parser_parse_with_options(parser, NULL, input, options);
  if (!tree) return &result;
  Record *records = malloc((ts_subtree_visible_descendant_count(tree->root) + 1) * sizeof(Record));
  result.count = write_tree(tree->language, tree->root, records);
  result.records = (uint32_t)(uintptr_t)records;
  return &result;
}

// ---- The grammar

EXPORT("abi") unsigned abi(void) { return ts_language_abi_version(GRAMMAR()); }
EXPORT("kinds") unsigned kinds(void) { return ts_language_symbol_count(GRAMMAR()); }
EXPORT("kind") const char *kind(unsigned i) { return ts_language_symbol_name(GRAMMAR(), i); }
EXPORT("fields") unsigned fields(void) { return ts_language_field_count(GRAMMAR()); }
EXPORT("field") const char *field(unsigned i) { return ts_language_field_name_for_id(GRAMMAR(), i); }
