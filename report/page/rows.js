// Rows are the columns of a table, and which of its rows are shown in which order.
class Rows {
  constructor(data) {
    this.columns = data.columns;
    this.total = data.rows;
    this.sorted = { column: -1, down: false };
    this.query = "";
    this.shown = Uint32Array.from({ length: this.total }, (_, i) => i);
    for (const c of this.columns) {
      c.texts ??= c.numbers ? undefined : [];
      c.colors ??= [];
    }
  }

  // textAt is the index among the column's texts of what a row has.
  textAt(column, row) {
    return column.index ? column.index[row] : row;
  }

  text(column, row) {
    if (column.numbers) return shown(column.numbers[row] ?? null, column.digits);
    return column.texts[this.textAt(column, row)] ?? "";
  }

  // counts says how many rows have each text of a column, as [text, color, rows], the most first.
  counts(column) {
    const n = new Array(column.texts.length).fill(0);
    for (let row = 0; row < this.total; row++) n[this.textAt(column, row)]++;
    return column.texts.map((text, i) => [text, column.colors[i], n[i]]).sort((a, b) => b[2] - a[2]);
  }

  sort(at, down) {
    this.sorted = { column: at, down };
    this.update();
  }

  filter(query) {
    this.query = query;
    this.update();
  }

  // update makes this.shown anew. Rows that are equal keep their order, those without a value come last.
  update() {
    const conditions = parseQuery(this.query, this.columns).map((c) => this.condition(c));
    const rows = new Uint32Array(this.total);
    let n = 0;
    for (let row = 0; row < this.total; row++) {
      if (conditions.every((holds) => holds(row))) rows[n++] = row;
    }
    this.shown = rows.slice(0, n);
    if (this.sorted.column < 0) return;
    const keys = this.keys(this.columns[this.sorted.column]);
    const sign = this.sorted.down ? -1 : 1;
    this.shown.sort((a, b) => {
      const x = keys[a], y = keys[b];
      if (x === y || (x !== x && y !== y)) return a - b;
      if (x !== x) return 1;
      if (y !== y) return -1;
      return x < y ? -sign : sign;
    });
  }

  // keys are numbers by which the rows are sorted.
  keys(column) {
    if (column.keys) return column.keys;
    column.keys = new Float64Array(this.total);
    if (column.numbers) {
      for (let row = 0; row < this.total; row++) column.keys[row] = column.numbers[row] ?? NaN;
      return column.keys;
    }
    const order = new Intl.Collator("en", { numeric: true });
    const ranked = column.texts.map((_, i) => i).sort((a, b) => order.compare(column.texts[a], column.texts[b]) || a - b);
    const rank = new Float64Array(column.texts.length);
    ranked.forEach((i, r) => (rank[i] = column.texts[i] === "" ? NaN : r));
    for (let row = 0; row < this.total; row++) column.keys[row] = rank[this.textAt(column, row)] ?? NaN;
    return column.keys;
  }

  // condition is a function of a row. Texts are looked at once each, not once a row.
  condition({ columns, operator, value, not }) {
    const tests = columns.map((column) => {
      if (column.numbers) {
        if (operator === ":") return (row) => this.text(column, row).includes(value);
        const bound = Number(value);
        const compare = { "<": (x) => x < bound, ">": (x) => x > bound, "=": (x) => x === bound }[operator];
        return (row) => column.numbers[row] != null && compare(column.numbers[row]);
      }
      column.folded ??= column.texts.map((t) => t.toLowerCase());
      const hits = column.folded.map((t) => (operator === ":" ? t.includes(value) : operator === "=" && t === value));
      return (row) => hits[this.textAt(column, row)] === true;
    });
    return (row) => tests.some((t) => t(row)) !== not;
  }
}

// parseQuery reads words that all have to hold: text; column:text, column=text, column<1, column>1;
// -word where it must not. "Quotes" hold a text with spaces together.
function parseQuery(query, columns) {
  const conditions = [];
  for (const [, minus, name, operator, quoted, bare] of query.matchAll(/(-?)(?:([^\s:=<>"]+)([:=<>]))?(?:"([^"]*)"?|(\S+))/g)) {
    const value = (quoted ?? bare).toLowerCase();
    const named = columns.filter((c) => name !== undefined && slug(c.name) === slug(name));
    if (named.length > 0) conditions.push({ columns: named, operator, value, not: minus === "-" });
    else conditions.push({ columns, operator: ":", value: ((name ?? "") + (operator ?? "") + value).toLowerCase(), not: minus === "-" });
  }
  return conditions;
}

// slug is a column's name as it is written in a filter.
function slug(name) {
  return name.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "_");
}

function quote(text) {
  return /[\s"]/.test(text) || text === "" ? `"${text.replaceAll('"', "")}"` : text;
}
