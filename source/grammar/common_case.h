// Two functions of the library, written for the common case; what is rare goes to the
// library's own, which build.sh renames library_…. They give the same results.

// ts_stack_pop_count takes count subtrees, and the extras between them, off the stack.
// Unless the program was ambiguous there, one path leads down.
StackSliceArray ts_stack_pop_count(Stack *self, StackVersion version, uint32_t count) {
  StackNode *node = array_get(&self->heads, version)->node;
  uint32_t size = 0;
  for (uint32_t left = count; left > 0; size++) {
    if (node->link_count != 1) return library_pop_count(self, version, count);
    Subtree subtree = node->links[0].subtree;
    if (!subtree.ptr) return library_pop_count(self, version, count);
    left -= !ts_subtree_extra(subtree);
    node = node->links[0].node;
  }
  array_clear(&self->slices);
  SubtreeArray subtrees = array_new();
  uint32_t need = ts_subtree_alloc_size(count) / sizeof(Subtree);  // the library puts the new node behind them
  array_reserve(&subtrees, need > size ? need : size);
  subtrees.size = size;
  node = array_get(&self->heads, version)->node;
  while (size > 0) {
    StackLink *link = &node->links[0];
    subtrees.contents[--size] = link->subtree;
    ts_subtree_retain(link->subtree);
    node = link->node;
  }
  ts_stack__add_slice(self, version, node, &subtrees);
  return self->slices;
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
