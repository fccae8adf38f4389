// A person confirms or corrects what was suggested for a task. Answers stay in this browser (localStorage) until they are exported.
const store = "hone failures labels";
const read = () => JSON.parse(localStorage.getItem(store) || "{}");
const key = data.benchmark + "\u0000" + data.task_id;
const row = document.createElement("fieldset");
row.style.cssText = "border: 1px solid var(--line); border-radius: 5px; font-size: .9rem; line-height: 1.9";
const legend = document.createElement("legend");
const say = (text) => { legend.textContent = text; };
const boxes = data.patterns.map((name) => {
  const label = document.createElement("label");
  const box = document.createElement("input");
  box.type = "checkbox";
  box.value = name;
  label.append(box, " " + name.replaceAll("_", " "));
  label.style.cssText = "display: inline-block; margin-right: 1.2em";
  row.append(label);
  return box;
});
const show = () => {
  const mine = read()[key];
  const chosen = mine ? mine.patterns : data.suggested;
  for (const box of boxes) box.checked = chosen.includes(box.value);
  say(mine ? "Your label" : "Suggested; change or confirm it");
};
const save = () => {
  const all = read();
  all[key] = { benchmark: data.benchmark, task_id: data.task_id, patterns: boxes.filter((b) => b.checked).map((b) => b.value) };
  localStorage.setItem(store, JSON.stringify(all));
  show();
  dispatchEvent(new CustomEvent("hone-labels"));
};
for (const box of boxes) box.addEventListener("change", save);
const confirm = document.createElement("button");
confirm.type = "button";
confirm.textContent = "Confirm";
confirm.addEventListener("click", save);
row.prepend(legend);
row.append(confirm);
element.append(row);
show();
