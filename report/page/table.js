// A table shows the rows in sight, between two gaps as high as the others would be.
const tables = [];
const rowHeight = 29; // as in page.css
const overscan = 12;
const wholeRows = 30; // tables of so many rows or fewer have no scrolling of their own

class Table {
  constructor(section, data) {
    this.section = section;
    this.name = data.name;
    this.rows = new Rows(data);
    this.chunks = data.chunks ?? [];
    this.packed = section.querySelectorAll(":scope > script.chunk");
    this.unpacked = new Map();
    this.active = -1; // place among the rows shown
    this.scroll = section.querySelector(".scroll");
    this.table = section.querySelector("table");
    this.body = this.table.tBodies[0];
    this.table.tFoot?.remove();
    section.classList.toggle("tall", data.rows > wholeRows);
    section.classList.toggle("opens", this.chunks.length > 0);
    this.makeHead();
    if (data.rows > 8 || this.chunks.length > 0) this.makeTools();
    this.scroll.addEventListener("scroll", () => this.draw(), { passive: true });
    this.body.addEventListener("click", (e) => this.clicked(e));
    section.addEventListener("focusin", () => (current = this));
    this.changed();
  }

  makeHead() {
    this.heads = [...this.table.tHead.rows[0].cells];
    this.heads.forEach((th, at) => {
      const name = th.textContent;
      th.replaceChildren(make("button", { type: "button", click: () => this.sortBy(at) }, name));
      th.setAttribute("aria-sort", "none");
    });
  }

  makeTools() {
    this.input = make("input", {
      type: "search", placeholder: "Filter", "aria-label": "Filter rows", spellcheck: "false", autocomplete: "off",
      title: "words that all hold · column:text · column=text · column>1 · -word · \"two words\"",
      input: () => this.filter(this.input.value),
    });
    this.count = make("output", { class: "count" });
    const tools = make("div", { class: "tools" }, this.input, this.count);
    const colored = this.rows.columns.filter((c) => c.texts && c.colors.some((c) => c));
    const offered = colored.length > 3 ? colored.slice(0, 1) : colored; // a map of colours would push its rows out of sight
    for (const column of offered) tools.append(this.makeChips(column, offered.length > 1));
    if (this.rows.total > wholeRows) tools.append(make("span", { class: "keys", "aria-hidden": "true" },
      make("kbd", {}, "/"), " filter ", make("kbd", {}, "j"), make("kbd", {}, "k"), " move ",
      ...(this.chunks.length ? [make("kbd", {}, "Enter"), " open"] : [])));
    this.section.prepend(tools);
  }

  // makeChips offers the texts of a column as filters.
  makeChips(column, named) {
    const chips = make("div", { class: "chips", role: "group", "aria-label": column.name }, named ? column.name : undefined);
    for (const [text, color, rows] of this.rows.counts(column)) {
      const word = `${slug(column.name)}=${quote(text)}`;
      chips.append(make("button", { type: "button", "data-word": word, "aria-pressed": "false", click: () => this.toggle(word) },
        color ? dot(color) : undefined, text, make("b", {}, shown(rows, 0))));
    }
    return chips;
  }

  // toggle adds a word to the filter, or takes it out.
  toggle(word) {
    const has = ` ${this.input.value} `.includes(` ${word} `);
    const rest = ` ${this.input.value} `.replace(` ${word} `, " ").trim();
    const column = word.slice(0, word.indexOf("=") + 1);
    const others = has ? rest : rest.split(/\s+(?=(?:[^"]*"[^"]*")*[^"]*$)/).filter((w) => !w.startsWith(column)).join(" ");
    this.setFilter(has ? rest : `${others} ${word}`.trim());
  }

  setFilter(query) {
    if (this.input) this.input.value = query;
    this.filter(query);
  }

  filter(query) {
    this.rows.filter(query);
    this.active = -1;
    this.scroll.scrollTop = 0;
    this.section.querySelectorAll(".chips button").forEach((b) =>
      b.setAttribute("aria-pressed", String(` ${query} `.includes(` ${b.dataset.word} `))));
    this.changed();
  }

  // sortBy goes from up to down to the original order; numbers begin with the largest.
  sortBy(at) {
    const { column, down } = this.rows.sorted;
    const first = Boolean(this.rows.columns[at].numbers);
    if (column !== at) this.rows.sort(at, first);
    else if (down === first) this.rows.sort(at, !first);
    else this.rows.sort(-1, false);
    this.heads.forEach((th, i) => th.setAttribute("aria-sort",
      i !== this.rows.sorted.column ? "none" : this.rows.sorted.down ? "descending" : "ascending"));
    this.active = -1;
    this.changed();
  }

  changed() {
    const n = this.rows.shown.length;
    this.table.setAttribute("aria-rowcount", n + 1);
    if (this.count) this.count.textContent = n === this.rows.total ? `${shown(n, 0)} rows` : `${shown(n, 0)} of ${shown(this.rows.total, 0)} rows`;
    this.drawn = undefined;
    this.draw();
  }

  // draw makes the rows in sight; all, up to limit, where that is given.
  draw(limit) {
    const n = this.rows.shown.length;
    let from = 0, to = Math.min(n, limit ?? n);
    if (limit === undefined && this.rows.total > wholeRows) {
      from = Math.max(0, Math.floor(this.scroll.scrollTop / rowHeight) - overscan);
      to = Math.min(n, from + Math.ceil((this.scroll.clientHeight || 600) / rowHeight) + 2 * overscan);
      from = Math.min(from, to);
    }
    if (this.drawn?.from === from && this.drawn?.to === to) return;
    this.drawn = { from, to };
    const parts = [];
    if (from > 0) parts.push(gap(from, this.heads.length));
    for (let place = from; place < to; place++) parts.push(this.row(place));
    if (limit === undefined && to < n) parts.push(gap(n - to, this.heads.length));
    if (n === 0) parts.push(make("tr", { class: "none" }, make("td", { colspan: this.heads.length }, "no row matches")));
    const focused = this.body.contains(document.activeElement);
    this.body.replaceChildren(...parts);
    if (focused) this.focus();
  }

  row(place) {
    const row = this.rows.shown[place];
    const tr = make("tr", { "aria-rowindex": place + 2, tabindex: place === Math.max(0, this.active) ? "0" : "-1", class: place === this.active ? "active" : undefined });
    tr.place = place;
    for (const column of this.rows.columns) {
      const text = this.rows.text(column, row);
      const td = make("td", { class: column.numbers ? "number" : undefined, title: text.length > 20 ? text : undefined });
      const color = column.texts && column.colors[this.rows.textAt(column, row)];
      if (color) td.append(dot(color));
      td.append(text);
      tr.append(td);
    }
    return tr;
  }

  clicked(event) {
    const tr = event.target.closest("tr");
    if (tr?.place === undefined || String(document.getSelection())) return;
    current = this;
    this.go(tr.place);
    if (this.chunks.length > 0) this.open();
  }

  // go makes the row at a place the active one, and brings it into sight.
  go(place) {
    const n = this.rows.shown.length;
    if (n === 0) return;
    this.active = Math.max(0, Math.min(n - 1, place));
    if (this.rows.total > wholeRows) {
      const head = this.table.tHead.offsetHeight + (this.table.caption?.offsetHeight ?? 0);
      const top = this.active * rowHeight, seen = this.scroll.clientHeight - head - rowHeight;
      if (top < this.scroll.scrollTop) this.scroll.scrollTop = top;
      else if (top > this.scroll.scrollTop + seen) this.scroll.scrollTop = top - seen;
    }
    this.drawn = undefined;
    this.draw();
    this.focus();
  }

  focus() {
    for (const tr of this.body.rows) {
      if (tr.place === this.active) {
        tr.focus({ preventScroll: true });
        tr.scrollIntoView({ block: "nearest" });
      }
    }
  }

  open() {
    if (this.active < 0) this.go(0);
    if (this.active >= 0 && this.chunks.length > 0) pane.show(this);
  }

  // detail is the markup of what opens from a row.
  async detail(row) {
    let chunk = this.chunks.length - 1;
    while (this.chunks[chunk] > row) chunk--;
    if (!this.unpacked.has(chunk)) {
      if (this.unpacked.size >= 8) this.unpacked.delete(this.unpacked.keys().next().value);
      this.unpacked.set(chunk, unpack(this.packed[chunk]));
    }
    return (await this.unpacked.get(chunk))[row - this.chunks[chunk]];
  }

  // title names a row by its texts.
  title(row) {
    return this.rows.columns.filter((c) => c.texts).slice(0, 2).map((c) => this.rows.text(c, row)).filter((t) => t).join(" · ");
  }
}

function gap(rows, columns) {
  return make("tr", { class: "gap", "aria-hidden": "true" }, make("td", { colspan: columns, style: `height:${rows * rowHeight}px` }));
}

let current; // the table that keys go to
