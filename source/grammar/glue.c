// What Go calls of a grammar in WebAssembly: parse a program and write its tree as one
// array in preorder. Compiled by build.sh with tree-sitter's library and one grammar;
// -DGRAMMAR names the grammar's function.
//
// Every call of source() starts with an empty heap and a new parser, so a result depends
// on the program alone, nothing leaks, and free memory is not scattered.

#include "lib.c"

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

  TSNode root = ts_tree_root_node(tree);
  Record *records = malloc(ts_node_descendant_count(root) * sizeof(Record));
  TSTreeCursor cursor = ts_tree_cursor_new(root);
  uint32_t n = 0, depth = 0;
  int32_t parent = -1;
  for (;;) {
    TSNode node = ts_tree_cursor_current_node(&cursor);
    uint32_t flags = 0;
    if (ts_node_is_named(node)) flags |= NAMED;
    if (ts_node_is_extra(node)) flags |= EXTRA;
    if (ts_node_is_missing(node)) flags |= MISSING;
    if (ts_node_has_error(node)) flags |= HAS_ERROR;
    records[n] = (Record){
      .kind = ts_node_symbol(node), .field = ts_tree_cursor_current_field_id(&cursor), .flags = flags,
      .start = ts_node_start_byte(node), .end = ts_node_end_byte(node),
      .parent = parent, .next = n + 1, .depth = depth,
    };
    n++;
    if (ts_tree_cursor_goto_first_child(&cursor)) {
      parent = n - 1;
      depth++;
      continue;
    }
    while (!ts_tree_cursor_goto_next_sibling(&cursor)) {
      if (!ts_tree_cursor_goto_parent(&cursor)) goto done;
      records[parent].next = n;
      parent = records[parent].parent;
      depth--;
    }
  }
done:
  result.count = n;
  result.records = (uint32_t)(uintptr_t)records;
  return &result;
}

// ---- The grammar

EXPORT("abi") unsigned abi(void) { return ts_language_abi_version(GRAMMAR()); }
EXPORT("kinds") unsigned kinds(void) { return ts_language_symbol_count(GRAMMAR()); }
EXPORT("kind") const char *kind(unsigned i) { return ts_language_symbol_name(GRAMMAR(), i); }
EXPORT("fields") unsigned fields(void) { return ts_language_field_count(GRAMMAR()); }
EXPORT("field") const char *field(unsigned i) { return ts_language_field_name_for_id(GRAMMAR(), i); }
