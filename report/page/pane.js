// The pane shows what opens from a row, beside the table or, where there is no room, over it.
const pane = {
  show(table) {
    this.table = table;
    this.make();
    const row = table.rows.shown[table.active];
    this.address(table, row);
    table.focus(); // the page has less room now
    this.title.textContent = table.title(row);
    this.where.textContent = `${shown(table.active + 1, 0)} of ${shown(table.rows.shown.length, 0)}`;
    const wanted = (this.wanted = {});
    table.detail(row).then((markup) => {
      if (this.wanted !== wanted) return; // another row was opened meanwhile
      this.body.innerHTML = markup; // made by report, which escapes every text
      this.body.scrollTop = 0;
      start(this.body);
      this.body.querySelector(".line.marked")?.scrollIntoView({ block: "nearest" });
      this.body.scrollTop = 0;
    });
  },

  make() {
    if (this.element) {
      this.element.hidden = false;
      document.body.classList.add("paned");
      return;
    }
    this.title = make("h2", { id: "pane-title" });
    this.where = make("span", { class: "where" });
    this.body = make("div", { class: "body", tabindex: "0" });
    const button = (label, text, click) => make("button", { type: "button", "aria-label": label, title: label, click }, text);
    this.element = make("aside", { class: "pane", role: "dialog", "aria-labelledby": "pane-title" },
      make("div", { class: "bar" }, this.title, this.where,
        button("Previous row (k)", "↑", () => this.step(-1)), button("Next row (j)", "↓", () => this.step(1)), button("Close (Escape)", "×", () => this.hide())),
      this.body);
    document.body.append(this.element);
    document.body.classList.add("paned");
  },

  step(by) {
    this.table.go(this.table.active + by);
    this.show(this.table);
  },

  hide() {
    this.element.hidden = true;
    document.body.classList.remove("paned");
    this.wanted = undefined;
    this.address();
    this.table.focus();
  },

  get open() {
    return this.element !== undefined && !this.element.hidden;
  },

  // address keeps the row in the page's address, so that it can be passed on.
  address(table, row) {
    const hash = table?.name ? `#${table.name}/${row}` : location.pathname + location.search;
    try {
      history.replaceState(null, "", hash);
    } catch {
      // some browsers refuse for files
    }
  },
};
