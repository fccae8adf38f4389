// Two functions of the library, written for the common case; what is rare goes to the
// library's own, which build.sh renames library_…. They give the same results.

// ts_parser__reduce puts a node in the place of its children on the stack. Where the stack
// has one version, one path leads down and the action is the only one, nothing else needs
// what is taken off: it is moved. The library makes a second version of the stack, which
// the caller puts in the place of the first.
static StackVersion ts_parser__reduce(
  TSParser *self, StackVersion version, TSSymbol symbol, uint32_t count, int dynamic_precedence,
  uint16_t production_id, bool is_fragile, bool end_of_non_terminal_extra
) {
  Stack *stack = self->stack;
  StackHead *head = array_get(&stack->heads, version);
  bool plain = stack->heads.size == 1 && !is_fragile;
  uint32_t size = 0;
  StackNode *node = head->node;
  for (uint32_t left = count; plain && left > 0; size++) {
    Subtree subtree = node->links[0].subtree;
    plain = node->ref_count == 1 && node->link_count == 1 && subtree.ptr;
    if (plain) left -= !ts_subtree_extra(subtree);
    node = node->links[0].node;
  }
  if (!plain) {
    return library_reduce(
      self, version, symbol, count, dynamic_precedence, production_id, is_fragile, end_of_non_terminal_extra
    );
  }

  SubtreeArray children = array_new();
  uint32_t need = ts_subtree_alloc_size(count) / sizeof(Subtree);  // the library puts the new node behind them
  array_reserve(&children, need > size ? need : size);
  children.size = size;
  node = head->node;
  while (size > 0) {
    StackNode *below = node->links[0].node;
    children.contents[--size] = node->links[0].subtree;
    if (stack->node_pool.size < MAX_NODE_POOL_SIZE) {
      array_push(&stack->node_pool, node);
    } else {
      ts_free(node);
    }
    node = below;
  }
  head->node = node;

  ts_subtree_array_remove_trailing_extras(&children, &self->trailing_extras);
  SubtreeHeapData *parent = ts_subtree_new_node(symbol, &children, production_id, self->language).ptr;
  TSStateId next_state = ts_language_next_state(self->language, node->state, symbol);
  if (end_of_non_terminal_extra && next_state == node->state) parent->extra = true;
  parent->parse_state = node->state;
  parent->dynamic_precedence += dynamic_precedence;
  ts_stack_push(stack, version, (Subtree){.ptr = parent}, false, next_state);
  for (uint32_t i = 0; i < self->trailing_extras.size; i++)
    ts_stack_push(stack, version, *array_get(&self->trailing_extras, i), false, next_state);
  return version;
}

// ts_subtree_summarize_children computes what a node knows of its children. Sums are kept
// beside the node, since the compiler cannot know that no child is the node.
void ts_subtree_summarize_children(MutableSubtree self, const TSLanguage *language) {
  SubtreeHeapData *node = self.ptr;
  uint32_t count = node->child_count;
  if (count == 0 || node->symbol == ts_builtin_sym_error || node->symbol == ts_builtin_sym_error_repeat) {
    library_summarize_children(self, language);
    return;
  }
  const Subtree *children = ts_subtree_children(self);
  const TSSymbol *aliases = ts_language_alias_sequence(language, node->production_id);
  uint32_t bytes = 0, row = node->size.extent.row, column = 0;  // the size so far
  uint32_t before = 0;                                            // bytes of padding
  uint32_t lookahead_end = 0, cost = 0, visible = 0, named = 0, descendants = 0, place = 0;
  int32_t precedence = 0;
  bool external = false, on_column = false, changed = false, broken = false;
  for (uint32_t i = 0; i < count; i++) {
    Subtree child = children[i];
    Length padding, size;
    uint32_t grandchildren = 0, lookahead;
    bool is_visible, is_named, is_extra;
    TSSymbol symbol;
    if (child.data.is_inline) {
      padding = ts_subtree_padding(child), size = ts_subtree_size(child);
      lookahead = child.data.lookahead_bytes;
      is_visible = child.data.visible, is_named = child.data.named, is_extra = child.data.extra;
      symbol = child.data.symbol;
      if (child.data.is_missing) cost += ts_subtree_error_cost(child);
    } else {
      const SubtreeHeapData *data = child.ptr;
      padding = data->padding, size = data->size;
      lookahead = data->lookahead_bytes;
      is_visible = data->visible, is_named = data->named, is_extra = data->extra;
      symbol = data->symbol;
      on_column |= row == 0 && data->depends_on_column;
      changed |= data->has_external_scanner_state_change;
      external |= data->has_external_tokens;
      broken |= symbol == ts_builtin_sym_error;
      if (symbol != ts_builtin_sym_error_repeat) cost += ts_subtree_error_cost(child);
      grandchildren = data->child_count;
      if (grandchildren > 0) {
        precedence += data->dynamic_precedence;
        descendants += data->visible_descendant_count;
      }
    }
    if (i == 0) {
      node->padding = padding;
      before = padding.bytes;
      bytes = size.bytes, row = size.extent.row, column = size.extent.column;
    } else {
      bytes += padding.bytes + size.bytes;
      row += padding.extent.row + size.extent.row;
      column = size.extent.row > 0 ? size.extent.column
        : padding.extent.row > 0 ? padding.extent.column + size.extent.column
        : column + padding.extent.column + size.extent.column;
    }
    uint32_t end = before + bytes + lookahead;
    if (end > lookahead_end) lookahead_end = end;
    TSSymbol alias = aliases && !is_extra && symbol != 0 ? aliases[place] : 0;
    if (alias) {
      descendants++, visible++;
      named += ts_language_symbol_metadata(language, alias).named;
    } else if (is_visible) {
      descendants++, visible++;
      named += is_named;
    } else if (grandchildren > 0) {
      visible += child.ptr->visible_child_count;
      named += child.ptr->named_child_count;
    }
    place += !is_extra;
  }
  Subtree first = children[0], last = children[count - 1];
  node->size = (Length){bytes, {row, column}};
  node->lookahead_bytes = lookahead_end - bytes - before;
  node->error_cost = cost;
  node->has_external_scanner_state_change = changed;
  node->has_external_tokens = external;
  node->depends_on_column = on_column;
  if (broken) node->parse_state = TS_TREE_STATE_NONE;
  if (broken || ts_subtree_fragile_left(first)) node->fragile_left = true;
  if (broken || ts_subtree_fragile_right(last)) node->fragile_right = true;
  node->visible_child_count = visible;
  node->named_child_count = named;
  node->visible_descendant_count = descendants;
  node->dynamic_precedence = precedence;
  node->first_leaf.symbol = ts_subtree_leaf_symbol(first);
  node->first_leaf.parse_state = ts_subtree_leaf_parse_state(first);
  node->repeat_depth = 0;
  if (count >= 2 && !node->visible && !node->named && ts_subtree_symbol(first) == node->symbol) {
    uint32_t a = ts_subtree_repeat_depth(first), b = ts_subtree_repeat_depth(last);
    node->repeat_depth = (a > b ? a : b) + 1;
  }
}
