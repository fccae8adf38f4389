// start brings what root holds to life.
async function start(root) {
  const all = (selector) => [...root.querySelectorAll(selector)];
  const jobs = [];
  for (const section of all("section.table:not(.live)")) {
    if (section.closest("details:not([open])")) continue;
    section.classList.add("live");
    jobs.push(unpack(section.querySelector(":scope > script.data")).then((data) => {
      const table = new Table(section, data);
      if (root === document) tables.push(table);
    }));
  }
  for (const figure of all("figure.chart:not(.live)")) {
    if (figure.closest("details:not([open])")) continue;
    figure.classList.add("live");
    jobs.push(unpack(figure.querySelector(":scope > script.data")).then((data) => drawChart(figure, data)));
  }
  for (const element of all(".widget:not(.live)")) {
    if (element.closest("details:not([open])")) continue;
    element.classList.add("live");
    jobs.push(unpack(element.querySelector(":scope > script.data")).then((data) => widgets[element.dataset.widget](element, data)));
  }
  await Promise.all(jobs);
}

// What is in a closed <details> has no size: it starts when it is opened.
document.addEventListener("toggle", (event) => {
  if (event.target.open) start(event.target);
}, true);

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const typing = event.target.closest?.("input, textarea, select");
  const table = current ?? tables.find((t) => t.chunks.length > 0) ?? tables[0];
  if (event.key === "Escape") {
    if (typing && typing.value) table?.setFilter("");
    else if (pane.open) pane.hide();
    else if (typing) typing.blur();
    return;
  }
  if (!table) return;
  if (typing) {
    if (typing === table.input && (event.key === "Enter" || event.key === "ArrowDown")) table.go(0);
    else return;
  } else if (event.key === "/" && table.input) {
    table.input.focus();
    table.input.select();
  } else if (!keys(event, table)) {
    return;
  }
  event.preventDefault();
});

// keys moves in the table; it reports whether the key meant something.
function keys(event, table) {
  const inTable = table.body.contains(event.target);
  const page = Math.max(1, Math.floor(table.scroll.clientHeight / rowHeight) - 2);
  const by = { j: 1, k: -1 }[event.key] ?? (inTable ? { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity }[event.key] : undefined);
  if (by !== undefined) {
    table.go(table.active < 0 ? (by === Infinity ? by : 0) : table.active + by);
    if (pane.open && pane.table === table) pane.show(table);
    return true;
  }
  if ((event.key === "Enter" || event.key === "o") && (inTable || event.target === document.body)) {
    table.open();
    return table.chunks.length > 0;
  }
  return false;
}

// Paper gets the first rows of each table.
addEventListener("beforeprint", () => tables.forEach((t) => t.draw(500)));
addEventListener("afterprint", () => tables.forEach((t) => { t.drawn = undefined; t.draw(); }));

start(document).then(() => {
  const [name, row] = decodeURIComponent(location.hash.slice(1)).split("/");
  const table = tables.find((t) => t.name && t.name === name);
  if (table && Number(row) < table.rows.total && row !== undefined) {
    current = table;
    table.go(Number(row)); // nothing is sorted yet: place and row are the same
    table.open();
  }
  document.documentElement.dataset.ready = "true";
});
